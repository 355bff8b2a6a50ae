import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';

/** Injection token of the connection to Redis; its value is undefined where `REDIS_URL` is not set. */
export const REDIS = Symbol('REDIS');

/**
 * What instances share; its client is loaded only where there is one. A command fails at once while Redis is away:
 * nobody waits for it to come back.
 */
@Global()
@Module({
  providers: [
    {
      provide: REDIS,
      inject: [CONFIGURATION],
      useFactory: async ({ redisUrl }: Configuration) =>
        redisUrl === undefined ? undefined : (await import('./connect.js')).connect(redisUrl),
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
