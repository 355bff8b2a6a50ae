import { Inject, Injectable, Logger } from '@nestjs/common';
import { normalizeIp, ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';

/** Most addresses that are remembered as reported. */
const MOST_REPORTED = 10_000;

/** Counts invalid tokens by address: somebody who tries many is guessing. */
@Injectable()
export class InvalidTokens {
  readonly #logger = new Logger(InvalidTokens.name);
  readonly #reported = new LRUCache<string, true>({ max: MOST_REPORTED });

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(ThrottlerStorage) private readonly storage: ThrottlerStorage,
  ) {}

  /**
   * Counts one.
   *
   * @param ip the client's address; one of IPv6 counts as its /64, which is what one customer has at least
   * @returns how many seconds the address has to wait when it is over the limit, else undefined
   */
  async count(ip: string | undefined): Promise<number | undefined> {
    const rate = this.configuration.limits.invalidTokens;
    if (!rate) return undefined;
    const address = normalizeIp(ip ?? 'unknown');
    const window = rate.window * 1_000;
    const hits = await this.storage.increment(address, window, rate.points, 0, 'invalid-tokens');
    if (!hits.isBlocked) return undefined;
    this.#report(address, hits.totalHits, window);
    return Math.max(1, hits.timeToBlockExpire);
  }

  /** One line for each address and window. */
  #report(address: string, count: number, window: number): void {
    if (this.#reported.has(address)) return;
    this.#reported.set(address, true, { ttl: window });
    this.#logger.warn(
      `Attack pattern: ${count} invalid tokens within ${window / 1_000} s from ${address}. Its further ones are answered with 429.`,
    );
  }
}
