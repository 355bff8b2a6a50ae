import { type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';

import { clientAddress } from '../logging/client-address.js';
import { TooManyInvalidTokensError } from '../auth/auth-errors.js';

type Detail = Parameters<ThrottlerGuard['throwThrottlingException']>[1];

/** Maximum number of reported addresses to remember. */
const MAX_REPORTED = 10_000;

/**
 * Limits invalid tokens by address, to stop guessing. IPv6 addresses count by their /64, the smallest network that a
 * customer gets.
 *
 * AuthGuard calls this guard only for requests with an invalid token: a valid token must never be refused because of
 * other clients at the same address.
 */
@Injectable()
export class InvalidTokenGuard extends ThrottlerGuard {
  protected override logger = new Logger(InvalidTokenGuard.name);
  readonly #reported = new LRUCache<string, true>({ max: MAX_REPORTED });

  protected override getTracker(request: Request): Promise<string> {
    return super.getTracker({ ip: clientAddress(request) });
  }

  /** Counts all routes together. */
  protected override generateKey(_context: ExecutionContext, address: string): string {
    return address;
  }

  protected override throwThrottlingException(_context: ExecutionContext, detail: Detail): Promise<void> {
    this.#report(detail);
    throw new TooManyInvalidTokensError(Math.max(1, detail.timeToBlockExpire));
  }

  /** Logs one line per address and window. */
  #report({ tracker: address, totalHits, ttl }: Detail): void {
    if (this.#reported.has(address)) return;
    this.#reported.set(address, true, { ttl });
    this.logger.warn(
      `Attack pattern: ${totalHits} invalid tokens within ${ttl / 1_000} s from ${address}. Further invalid tokens get status 429.`,
    );
  }
}
