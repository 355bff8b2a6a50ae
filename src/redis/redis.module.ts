import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';

import type { Configuration } from '../config/configuration.js';
import { SHARED_CONFIGURATION } from '../config/shared-configuration.module.js';
import { connectOnDemand } from './connect-on-demand.js';

/** Injection token of the connection to Redis; the value is undefined if `REDIS_URL` is not set. */
export const REDIS = Symbol('REDIS');

/**
 * Provides the Redis connection that instances share. The client is loaded only if Redis is configured. While Redis is
 * unreachable, commands fail immediately instead of waiting for it.
 */
@Global()
@Module({
  providers: [
    {
      provide: REDIS,
      inject: [SHARED_CONFIGURATION],
      useFactory: ({ redisUrl }: Configuration) =>
        redisUrl === undefined ? undefined : connectOnDemand(redisUrl),
    },
  ],
  exports: [REDIS],
})
export class RedisModule implements OnApplicationShutdown {
  constructor(@Inject(REDIS) private readonly redis: Redis | undefined) {}

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}
