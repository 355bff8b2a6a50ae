import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';

/** Timeout of a command. */
const COMMAND_TIMEOUT_MS = 500;
const MAX_RETRY_DELAY_MS = 1_000;
/** Maximum time that ioredis waits for a connection to close, even if the connection is already lost. */
const DISCONNECT_TIMEOUT_MS = 100;

/** Opens a connection that always reconnects, and logs when Redis becomes unreachable and reachable again. */
export function connect(url: string): Redis {
  const logger = new Logger('Redis');
  let reachable = true;
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: COMMAND_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 50, MAX_RETRY_DELAY_MS),
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
