import type { RedisSettings } from '../config/sections/redis.js';
import { loadOptional } from '../values/load-optional.js';
import type { Redis, RedisLogger } from './redis.js';

/**
 * Loads the client for Redis and opens a connection.
 *
 * @throws {Error} when the client is not installed
 */
export async function connectOnDemand(settings: RedisSettings, logger?: RedisLogger): Promise<Redis> {
  const { connect } = await loadOptional('Redis', ['ioredis'], () => import('./connect.js'));
  return connect(settings, logger);
}
