import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';

/** Longest time that a command may take, milliseconds. */
const COMMAND_TIMEOUT = 500;
const LONGEST_RETRY_DELAY = 1_000;
/** ioredis waits this long for a connection to close, even when the connection has been lost before. */
const DISCONNECT_TIMEOUT_MS = 100;

/** Opens a connection that reconnects by itself for ever, and logs when Redis goes and comes back. */
export function connect(url: string): Redis {
  const logger = new Logger('Redis');
  let reachable = true;
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: COMMAND_TIMEOUT,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 50, LONGEST_RETRY_DELAY),
  });
  redis.on('error', ({ message }: Error) => {
    if (reachable) logger.error(`Redis cannot be reached: ${message}`);
    reachable = false;
  });
  redis.on('ready', () => {
    if (!reachable) logger.log('Redis can be reached again.');
    reachable = true;
  });
  return redis;
}
