import type { Request, Response } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { Allowance } from '../../limits/allowance.js';
import type { ByteRefusal, HeldBytes } from '../../limits/byte-budget.js';
import type { Place } from '../../limits/calls-in-flight.js';
import type { RequestContext } from '../context/request-context.js';
import type { ToolSelection } from '../context/tool-selection.js';
import type { Work } from '../context/work.js';
import { crowded } from './limit-errors.js';

/**
 * Admitted request with its places and bytes. A place is freed when its handler settles, even if nobody waits for the
 * response anymore.
 */
export class AdmittedRequest implements Work {
  /** Context of the messages, once they are admitted. */
  context: RequestContext | undefined;
  /** Tools that the client wants, once the messages are read; undefined for all. */
  selection: ToolSelection | undefined;
  #running = 0;
  /** Charged bytes of the response that the client has not read. */
  #unread = 0;
  #hasEnded = false;

  constructor(
    readonly principal: Principal,
    readonly request: Request,
    readonly response: Response,
    readonly place: Place,
    readonly held: HeldBytes,
    /** Budgets that were charged already. */
    readonly begun: readonly Allowance[],
  ) {}

  get isRunning(): boolean {
    return this.#running > 0;
  }

  begin(): () => void {
    this.#running++;
    return () => {
      this.#running--;
      if (this.#hasEnded) this.#giveBack();
    };
  }

  pause(): void {
    const crowdedBy = this.place.pause();
    if (crowdedBy) throw crowded(crowdedBy, []);
  }

  resume(): void {
    const crowdedBy = this.place.resume();
    if (crowdedBy) throw crowded(crowdedBy, []);
  }

  stopWaiting(): void {
    this.place.stopWaiting();
  }

  holdUnread(bytes: number): boolean {
    return this.chargeUnread(bytes) === undefined;
  }

  /** Charges for unread bytes like {@link holdUnread}. Returns the reason if they are refused. */
  chargeUnread(bytes: number): ByteRefusal | undefined {
    const refused = this.held.add(bytes - this.#unread);
    if (refused === undefined) this.#unread = bytes;
    return refused;
  }

  /** Charges for unread bytes up to twice the limits. Returns whether they are accepted. */
  overdrawUnread(bytes: number): boolean {
    const isHeld = this.held.overdraw(bytes - this.#unread);
    if (isHeld) this.#unread = bytes;
    return isHeld;
  }

  /** Ends the request. Its places and bytes are freed once no handler runs. */
  end(): void {
    this.#hasEnded = true;
    this.#giveBack();
  }

  #giveBack(): void {
    this.place.keep(this.#running);
    if (this.#running > 0) return;
    this.held.release();
    this.#unread = 0;
  }
}
