import type { Provider } from '@nestjs/common';
import { getOptionsToken, getStorageToken, type ThrottlerModuleOptions } from '@nestjs/throttler';

import { INVALID_TOKEN_GUARD } from '../auth/auth.guard.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { Reloads } from '../config/reloads.js';
import type { Redis } from '../redis/redis.js';
import { REDIS } from '../redis/redis.module.js';
import { ENDPOINT } from '../routes/endpoint-name.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { CallLimits } from './call-limits.js';
import { CallsInFlight } from './calls-in-flight.js';
import { keysOf } from './endpoint-keys.js';
import { InvalidTokenGuard } from './invalid-token.guard.js';
import { KeptBytes } from './kept-bytes.js';
import { RedisThrottlerStorage } from './redis-throttler-storage.js';

/** Maximum number of addresses whose invalid tokens one instance counts in memory, about 10 MB. */
const MAX_ADDRESSES = 50_000;

/** Limit the calls to one endpoint by caller, organization, and tool, resource or prompt; and invalid tokens by address. */
export const LIMITS_PROVIDERS: readonly Provider[] = [
  CallLimits,
  CallsInFlight,
  KeptBytes,
  { provide: INVALID_TOKEN_GUARD, useClass: InvalidTokenGuard },
  { provide: getOptionsToken(), inject: [CONFIGURATION, ENDPOINT, Reloads], useFactory: throttlerOptions },
  { provide: getStorageToken(), inject: [REDIS], useFactory: throttlerStorage },
];

function throttlerOptions(
  { limits }: Configuration,
  endpoint: string,
  reloads: Reloads,
): ThrottlerModuleOptions {
  let rate = limits.invalidTokens;
  reloads.on(['RATE_LIMIT_INVALID_TOKENS'], (next) => {
    rate = next.limits.invalidTokens;
  });
  return {
    throttlers: [
      {
        name: `${keysOf(endpoint)}invalid-tokens`,
        limit: () => rate?.points ?? 0,
        ttl: () => (rate?.window ?? 0) * 1_000,
        blockDuration: 0, // until the window ends
        skipIf: () => rate === undefined,
      },
    ],
    setHeaders: false, // do not tell attackers how many attempts are left
  };
}

function throttlerStorage(redis: Redis | undefined): BoundedThrottlerStorage | RedisThrottlerStorage {
  const memory = new BoundedThrottlerStorage(MAX_ADDRESSES);
  return redis ? new RedisThrottlerStorage(redis, memory) : memory;
}
