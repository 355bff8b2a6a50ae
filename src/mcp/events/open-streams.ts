import { type BeforeApplicationShutdown, Injectable, type OnApplicationShutdown } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { RevocationsService } from '../../auth/revocation/revocations.service.js';

/** How often it is looked whether a stream may go on, milliseconds. */
const LOOK = 500;

type AtStop = 'end' | 'finish';

/** The streams that outlive the check of their token: each ends when the token expires or is revoked. */
@Injectable()
export class OpenStreams implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #streams = new Map<() => void, { readonly principal: Principal; readonly atStop: AtStop }>();
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(private readonly revocations: RevocationsService) {}

  /** Before the connections are waited for, which the streams would hold up. */
  beforeApplicationShutdown(): void {
    this.#isStopping = true;
    for (const [end, { atStop }] of this.#streams) if (atStop === 'end') end();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  get size(): number {
    return this.#streams.size;
  }

  /**
   * Watches over a stream.
   *
   * @param end ends it; called once at most, and at once while the server stops
   * @param atStop whether it ends when the server stops, or goes on with what is still running
   * @returns what to call when it has ended otherwise
   */
  open(principal: Principal, end: () => void, atStop: AtStop = 'end'): () => void {
    if (this.#isStopping && atStop === 'end') {
      end();
      return () => {};
    }
    this.#streams.set(end, { principal, atStop });
    this.#timer ??= setInterval(() => this.#look(), LOOK).unref();
    return () => {
      this.#streams.delete(end);
      if (this.#streams.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #look(): void {
    const now = Date.now();
    for (const [end, { principal }] of this.#streams) {
      if (principal.expiresAt * 1000 > now && !this.#isRevoked(principal)) continue;
      this.#streams.delete(end);
      end();
    }
  }

  #isRevoked(principal: Principal): boolean {
    try {
      this.revocations.check(principal);
      return false;
    } catch {
      return true;
    }
  }
}
