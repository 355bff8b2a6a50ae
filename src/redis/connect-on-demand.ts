import type { Redis } from 'ioredis';

import { loadOptional } from '../values/load-optional.js';

/**
 * Loads the client for Redis and opens a connection.
 *
 * @throws {Error} when the client is not installed
 */
export async function connectOnDemand(url: string): Promise<Redis> {
  const { connect } = await loadOptional('Redis', ['ioredis'], () => import('./connect.js'));
  return connect(url);
}
