import { type BeforeApplicationShutdown, Injectable, type OnApplicationShutdown } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { RevocationsService } from '../../auth/revocation/revocations.service.js';

/** Interval between checks of the open streams, in milliseconds. */
const CHECK_INTERVAL_MS = 500;

interface Rules {
  /** Whether the stream ends when the server stops, or continues until its work is finished. */
  readonly atStop: 'end' | 'finish';
  /** Whether the stream ends when its token expires. The answer to a request that was authorized may come later. */
  readonly endsAtExpiry: boolean;
}

/** Rules for the answers to requests that were authorized. */
export const UNTIL_REVOKED: Rules = { atStop: 'finish', endsAtExpiry: false };
const LISTENING: Rules = { atStop: 'end', endsAtExpiry: true };

interface OpenStream extends Rules {
  readonly principal: Principal;
}

/**
 * Tracks long-lived streams and the calls of sessions. Each of them ends when its token is revoked, and most streams when
 * it expires.
 */
@Injectable()
export class OpenStreams implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #streams = new Map<() => void, OpenStream>();
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(private readonly revocations: RevocationsService) {
    // At once: an answer of the client would let a call continue with a revoked token.
    revocations.onStricter(() => this.#endInvalid());
  }

  /** Ends streams before the server waits for its connections, which the streams would keep open. */
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
   * Starts tracking a stream.
   *
   * @param end ends the stream; called at most once, and at once while the server stops
   * @returns a function to call when the stream ends for another reason
   */
  open(principal: Principal, end: () => void, rules = LISTENING): () => void {
    if (this.#isStopping && rules.atStop === 'end') {
      end();
      return () => {};
    }
    this.#streams.set(end, { principal, ...rules });
    this.#timer ??= setInterval(() => this.#endInvalid(), CHECK_INTERVAL_MS).unref();
    return () => {
      this.#streams.delete(end);
      if (this.#streams.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #endInvalid(): void {
    const now = Date.now();
    for (const [end, { principal, endsAtExpiry }] of this.#streams) {
      const isExpired = endsAtExpiry && principal.expiresAt * 1000 <= now;
      if (!isExpired && !this.#isRevoked(principal)) continue;
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
