import { Global, Module } from '@nestjs/common';
import { ThrottlerModule, type ThrottlerModuleOptions } from '@nestjs/throttler';
import type { Redis } from 'ioredis';

import { INVALID_TOKEN_GUARD } from '../auth/auth.guard.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { REDIS } from '../redis/redis.module.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { CallLimits } from './call-limits.js';
import { CallsInFlight } from './calls-in-flight.js';
import { KeptBytes } from './kept-bytes.js';
import { InvalidTokenGuard } from './invalid-token.guard.js';
import { RedisThrottlerStorage } from './redis-throttler-storage.js';

/** Maximum number of addresses whose invalid tokens one instance counts in memory, about 50 MB. */
const MAX_ADDRESSES = 50_000;

/** Limits calls by caller, organization and tool, and invalid tokens by address. */
@Global()
@Module({
  imports: [ThrottlerModule.forRootAsync({ inject: [CONFIGURATION, REDIS], useFactory: throttlerOptions })],
  providers: [
    CallLimits,
    CallsInFlight,
    KeptBytes,
    { provide: INVALID_TOKEN_GUARD, useClass: InvalidTokenGuard },
  ],
  exports: [CallLimits, CallsInFlight, KeptBytes, INVALID_TOKEN_GUARD],
})
export class LimitsModule {}

function throttlerOptions({ limits }: Configuration, redis: Redis | undefined): ThrottlerModuleOptions {
  const rate = limits.invalidTokens;
  const memory = new BoundedThrottlerStorage(MAX_ADDRESSES);
  return {
    throttlers: [
      {
        name: 'invalid-tokens',
        limit: rate?.points ?? 0,
        ttl: (rate?.window ?? 0) * 1_000,
        blockDuration: 0, // until the window ends
        skipIf: () => rate === undefined,
      },
    ],
    storage: redis ? new RedisThrottlerStorage(redis, memory) : memory,
    setHeaders: false, // do not tell attackers how many attempts are left
  };
}
