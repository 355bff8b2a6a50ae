import { isCluster, type Redis } from './redis.js';

/**
 * Returns the name of a channel for the database of a connection. Redis itself delivers a message to the subscribers in
 * all databases.
 */
export function channelIn(redis: Redis, name: string): string {
  const { db = 0 } = isCluster(redis) ? {} : redis.options;
  return db === 0 ? name : `${name}:${db}`;
}
