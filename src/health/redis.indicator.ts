import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { withPatience } from '../redis/patience.js';
import type { Redis } from '../redis/redis.js';
import { REDIS } from '../redis/redis.module.js';

/** Expiry of the key that the probe writes. */
const PROBE_EXPIRY_MS = 1_000;

/** Reports degraded, not down, while Redis is unreachable. Callers are still served, with limits per instance. */
@Injectable()
export class RedisIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(REDIS) private readonly redis: Redis | undefined,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('redis');
    if (!this.redis) return indicator.up({ used: false });
    // Write a key, because a connected Redis may still be full or unresponsive.
    const writes = this.redis.set('aerie:health', '1', 'PX', PROBE_EXPIRY_MS);
    return withPatience(writes).then(
      () => indicator.up({ used: true }),
      () => indicator.degraded({ used: true }),
    );
  }
}
