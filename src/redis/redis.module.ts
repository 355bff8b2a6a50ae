import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';

import type { Configuration } from '../config/configuration.js';
import { Reloads } from '../config/reloads.js';
import { SHARED_CONFIGURATION } from '../config/shared-configuration.module.js';
import { connectOnDemand } from './connect-on-demand.js';
import { credentialsOf, haveSameServers, replaceCredentials } from './credentials.js';
import type { Redis } from './redis.js';

/** Variables with credentials, which apply from the next reconnection on. */
const CREDENTIALS = [
  'REDIS_URL',
  'REDIS_PASSWORD',
  'REDIS_SENTINEL_USERNAME',
  'REDIS_SENTINEL_PASSWORD',
  'REDIS_TLS_CA',
  'REDIS_TLS_CERTIFICATE',
  'REDIS_TLS_KEY',
  'REDIS_TLS_SERVER_NAME',
] as const;

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
      inject: [SHARED_CONFIGURATION, { token: Reloads, optional: true }],
      useFactory: openRedis,
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

async function openRedis({ redis: settings }: Configuration, reloads?: Reloads): Promise<Redis | undefined> {
  if (!settings) return undefined;
  const redis = await connectOnDemand(settings);
  reloads?.on(CREDENTIALS, ({ redis: next }) => {
    if (!next || !haveSameServers(settings, next)) return false;
    replaceCredentials(redis, credentialsOf(next));
    return true;
  });
  return redis;
}
