import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { Redis } from 'ioredis';

import { withPatience } from '../redis/patience.js';
import { REDIS } from '../redis/redis.module.js';

/** Milliseconds. */
const PROBE_LIFETIME = 1_000;

/** Degraded, not down, while Redis is away: callers are served, and limits are counted by each instance. */
@Injectable()
export class RedisIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(REDIS) private readonly redis: Redis | undefined,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('redis');
    if (!this.redis) return indicator.up({ used: false });
    // A Redis that is full, or does not answer, is connected all the same.
    const writes = this.redis.set('aerie:health', '1', 'PX', PROBE_LIFETIME);
    return withPatience(writes).then(
      () => indicator.up({ used: true }),
      () => indicator.degraded({ used: true }),
    );
  }
}
