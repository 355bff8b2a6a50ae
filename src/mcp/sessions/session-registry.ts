import { randomUUID } from 'node:crypto';

import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import type { Reason } from '../../logging/reason.js';
import { JsonRpcError, REFUSED } from '../transport/json-rpc-error.js';

/** As the SDK has it. */
const UNKNOWN = -32_001;
/** How often it is looked for sessions that nobody uses: that many times in the idle limit, milliseconds at least. */
const LOOKS = 10;
const SHORTEST_LOOK = 100;
/** When it is worth trying again to open a session, seconds. */
const RETRY_AFTER = 60;

/** A session that somebody has opened, of whatever transport. */
export interface OpenSession {
  /** Whether a call of it is running. */
  readonly busy: boolean;
  /** Whether its client is connected. */
  readonly attended: boolean;
  /** Somebody who may has just used it, with this token. */
  renew(principal: Principal): void;
  /** Answers the requests that nothing else will answer; called at regular intervals. */
  endAbandoned(): void;
  /** The server stops: no more is begun, what runs may end. */
  drain(): void;
  /** Forgets all; called once. */
  end(): void;
}

interface Entry {
  readonly session: OpenSession;
  readonly owner: string;
  readonly caller: string;
  /** As `performance.now()` tells time. */
  usedAt: number;
}

/**
 * The sessions of this instance: whose they are, how many there may be, and when they are over.
 *
 * A session belongs to the caller that opened it: the same subject of the same issuer, through the same client, for the
 * same organization.
 */
@Injectable()
export class SessionRegistry implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #settings: Configuration['sessions'];
  /** The one that was not used for longest is the first. */
  readonly #entries = new Map<string, Entry>();
  readonly #ofCaller = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(@Inject(CONFIGURATION) { sessions }: Configuration) {
    this.#settings = sessions;
  }

  get size(): number {
    return this.#entries.size;
  }

  beforeApplicationShutdown(): void {
    this.#stopping = true;
    for (const { session } of this.#entries.values()) session.drain();
  }

  onApplicationShutdown(): void {
    for (const id of this.#entries.keys()) this.end(id);
  }

  /** An id that nobody can guess, and that begins with the name of the instance which knows it. */
  newId(): string {
    return `${this.#settings.instance}-${randomUUID()}`;
  }

  /** @throws {JsonRpcError} 503 when the server stops, so that nothing begins which does not end by itself */
  requireServing(): void {
    if (this.#stopping)
      throw limited('stopping', 503, 'stopping', 'The server is stopping. Connect again.', 1);
  }

  /**
   * Makes room for one more session of this caller: where it has too many, the one that it has not used for longest
   * goes, if its client is not connected.
   *
   * @throws {JsonRpcError} 429 when the caller has too many in use, 503 when there are too many in all
   */
  makeRoom(principal: Principal): void {
    const { caller } = callerKeysOf(principal);
    this.requireServing();
    if ((this.#ofCaller.get(caller)?.size ?? 0) >= this.#settings.mostPerCaller) {
      const leftBehind = this.#leftBehindBy(caller);
      if (leftBehind === undefined) {
        throw limited(
          'sessions:caller',
          429,
          'sessions_caller',
          'You have too many sessions open. Close one, or try again later.',
        );
      }
      this.end(leftBehind);
    }
    if (this.#entries.size >= this.#settings.most) {
      throw limited(
        'sessions:instance',
        503,
        'sessions_overall',
        'There are too many sessions open. Try again later.',
      );
    }
  }

  add(id: string, principal: Principal, session: OpenSession): void {
    const { caller, client } = callerKeysOf(principal);
    this.#entries.set(id, { session, owner: client, caller, usedAt: performance.now() });
    const own = this.#ofCaller.get(caller) ?? new Set();
    this.#ofCaller.set(caller, own.add(id));
    session.renew(principal);
    const { idleTimeout } = this.#settings;
    this.#timer ??= setInterval(() => this.#look(), Math.max(SHORTEST_LOOK, idleTimeout / LOOKS)).unref();
  }

  /**
   * The session of an id, which from now on is as little idle as if it was new.
   *
   * @param type what it must be
   * @throws {JsonRpcError} 404 when there is none, or it is somebody else's
   */
  find<Session extends OpenSession>(
    id: string,
    principal: Principal,
    type: abstract new (...parameters: never[]) => Session,
  ): Session {
    const entry = this.#entries.get(id);
    if (!isOf(principal, entry) || !(entry.session instanceof type)) {
      throw unknownSession();
    }
    this.#use(id, entry);
    entry.session.renew(principal);
    return entry.session;
  }

  /** Whether the caller has a session of that id. */
  has(id: string, principal: Principal): boolean {
    return isOf(principal, this.#entries.get(id));
  }

  end(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    const own = this.#ofCaller.get(entry.caller);
    own?.delete(id);
    if (own?.size === 0) this.#ofCaller.delete(entry.caller);
    entry.session.end();
    if (this.#entries.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The session that a caller has not used for longest, of those whose client is not connected. */
  #leftBehindBy(caller: string): string | undefined {
    const own = [...(this.#ofCaller.get(caller) ?? [])].flatMap((id) => {
      const entry = this.#entries.get(id);
      return entry && !entry.session.busy && !entry.session.attended ? [{ id, usedAt: entry.usedAt }] : [];
    });
    return own.toSorted((a, b) => a.usedAt - b.usedAt)[0]?.id;
  }

  #use(id: string, entry: Entry): void {
    entry.usedAt = performance.now();
    this.#entries.delete(id);
    this.#entries.set(id, entry);
  }

  #look(): void {
    for (const { session } of this.#entries.values()) session.endAbandoned();
    this.#endIdle();
  }

  #endIdle(): void {
    const limit = performance.now() - this.#settings.idleTimeout;
    for (const [id, entry] of this.#entries) {
      if (entry.usedAt > limit) return;
      if (entry.session.busy) this.#use(id, entry);
      else this.end(id);
    }
  }
}

/** The refusal of a request whose session has ended, or is somebody else's. */
export const unknownSession = (): JsonRpcError =>
  new JsonRpcError('unknown_session', 404, UNKNOWN, 'Session not found.');

const isOf = (principal: Principal, entry: Entry | undefined): entry is Entry =>
  entry?.owner === callerKeysOf(principal).client;

function limited(
  reason: Reason,
  status: number,
  limit: string,
  message: string,
  retryAfter = RETRY_AFTER,
): JsonRpcError {
  return new JsonRpcError(
    reason,
    status,
    REFUSED,
    message,
    { 'Retry-After': `${retryAfter}` },
    { data: { limit, retryAfter } },
  );
}
