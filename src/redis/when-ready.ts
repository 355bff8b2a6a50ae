import { once } from 'node:events';

import type { Redis } from './redis.js';

/**
 * Resolves when a connection is ready.
 *
 * @param patience timeout, milliseconds
 * @throws when connecting fails or times out
 */
export async function whenReady(redis: Redis, patience: number): Promise<void> {
  if (redis.status === 'ready') return;
  const late = AbortSignal.timeout(patience);
  try {
    await once(redis, 'ready', { signal: late });
  } catch (error) {
    throw late.aborted ? new Error(`no connection within ${patience} ms`, { cause: error }) : error;
  }
}
