import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { Redis } from 'ioredis';

import { REDIS } from '../redis/redis.module.js';

/** Degraded, not down, while Redis is away: callers are served, and limits are counted by each instance. */
@Injectable()
export class RedisIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(REDIS) private readonly redis: Redis | undefined,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('redis');
    if (!this.redis) return indicator.up({ used: false });
    return this.redis.status === 'ready' ? indicator.up({ used: true }) : indicator.degraded({ used: true });
  }
}
