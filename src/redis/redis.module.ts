import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';

/** Injection token of the connection to Redis; its value is undefined where `REDIS_URL` is not set. */
export const REDIS = Symbol('REDIS');

/** What instances share. A command fails at once while Redis is away: nobody waits for it to come back. */
@Global()
@Module({
  providers: [
    {
      provide: REDIS,
      inject: [CONFIGURATION],
      useFactory: ({ redisUrl }: Configuration) => (redisUrl === undefined ? undefined : connect(redisUrl)),
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

/** Longest time that a command may take, milliseconds. */
const COMMAND_TIMEOUT = 500;
const LONGEST_RETRY_DELAY = 1_000;

/**
 * Opens a connection that reconnects by itself for ever; also for a subscriber's own.
 *
 * @param report whether to log when Redis goes and comes back; one connection of a process is enough for that
 */
export function connect(url: string, report = true): Redis {
  const logger = new Logger('Redis');
  let reachable = true;
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: COMMAND_TIMEOUT,
    retryStrategy: (attempt) => Math.min(attempt * 50, LONGEST_RETRY_DELAY),
  });
  redis.on('error', ({ message }: Error) => {
    if (reachable && report) logger.error(`Redis cannot be reached: ${message}`);
    reachable = false;
  });
  redis.on('ready', () => {
    if (!reachable && report) logger.log('Redis can be reached again.');
    reachable = true;
  });
  return redis;
}
