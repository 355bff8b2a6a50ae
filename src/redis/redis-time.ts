import type { Redis } from './redis.js';

/**
 * Returns the time of Redis, milliseconds since the epoch; undefined if its user may not know it.
 *
 * Asks with two commands. A user with only the permissions in docs/deploy.md may not use `TIME`, and a user without
 * dangerous commands may not use `INFO`.
 */
export async function redisTime(redis: Redis): Promise<number | undefined> {
  const info = await redis.info('server').catch(unlessLost);
  const microseconds = /^server_time_usec:(\d+)/m.exec(info ?? '')?.[1];
  if (microseconds !== undefined) return Math.floor(Number(microseconds) / 1_000);
  const time = await redis.time().catch(unlessLost);
  return time && Number(time[0]) * 1_000;
}

/** @throws {unknown} the error, unless Redis has answered with it */
function unlessLost(error: unknown): undefined {
  if (!(error instanceof Error && error.name === 'ReplyError')) throw error;
}
