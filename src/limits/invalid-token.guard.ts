import { type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';

import { TooManyInvalidTokensError } from '../auth/auth-errors.js';

type Detail = Parameters<ThrottlerGuard['throwThrottlingException']>[1];

/** Maximum number of addresses that are remembered as reported. */
const MAX_REPORTED = 10_000;

/**
 * Limits invalid tokens by address: somebody who tries many is guessing. IPv6 addresses count as their /64, which is
 * the least that one customer has.
 *
 * AuthGuard asks this guard about each request that it refuses for an invalid token, and about no other, because a
 * valid token must never be refused for what others send from the same address.
 */
@Injectable()
export class InvalidTokenGuard extends ThrottlerGuard {
  protected override logger = new Logger(InvalidTokenGuard.name);
  readonly #reported = new LRUCache<string, true>({ max: MAX_REPORTED });

  /** Counts by address alone, whichever route was asked for. */
  protected override generateKey(_context: ExecutionContext, address: string): string {
    return address;
  }

  protected override throwThrottlingException(_context: ExecutionContext, detail: Detail): Promise<void> {
    this.#report(detail);
    throw new TooManyInvalidTokensError(Math.max(1, detail.timeToBlockExpire));
  }

  /** Logs one line for each address and window. */
  #report({ tracker: address, totalHits, ttl }: Detail): void {
    if (this.#reported.has(address)) return;
    this.#reported.set(address, true, { ttl });
    this.logger.warn(
      `Attack pattern: ${totalHits} invalid tokens within ${ttl / 1_000} s from ${address}. Its further ones are answered with 429.`,
    );
  }
}
