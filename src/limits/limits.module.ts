import { Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ThrottlerStorage } from '@nestjs/throttler';
import type { Redis } from 'ioredis';

import { REDIS } from '../redis/redis.module.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { CallLimits } from './call-limits.js';
import { CallsInFlight } from './calls-in-flight.js';
import { InvalidTokenFilter } from './invalid-token.filter.js';
import { InvalidTokens } from './invalid-tokens.js';
import { RedisThrottlerStorage } from './redis-throttler-storage.js';

/** Most addresses whose invalid tokens one instance counts in memory: some 50 MB. */
const MOST_ADDRESSES = 50_000;

/** How much may be asked for. Comes after AuthModule: of two filters for an error, NestJS takes the later. */
@Global()
@Module({
  providers: [
    CallLimits,
    CallsInFlight,
    InvalidTokens,
    { provide: BoundedThrottlerStorage, useFactory: () => new BoundedThrottlerStorage(MOST_ADDRESSES) },
    {
      provide: ThrottlerStorage,
      inject: [REDIS, BoundedThrottlerStorage],
      useFactory: (redis: Redis | undefined, memory: BoundedThrottlerStorage): ThrottlerStorage =>
        redis ? new RedisThrottlerStorage(redis, memory) : memory,
    },
    { provide: APP_FILTER, useClass: InvalidTokenFilter },
  ],
  exports: [CallLimits, CallsInFlight],
})
export class LimitsModule {}
