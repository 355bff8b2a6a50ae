import { Logger } from '@nestjs/common';

import type { Configuration } from '../config/configuration.js';
import { reasonOf } from '../database/unreachable.js';
import { connect } from '../redis/connect.js';
import { whenReady } from '../redis/when-ready.js';
import type { Findings } from './findings.js';

const CONNECT_TIMEOUT_MS = 3_000;

/** Looks whether Redis answers. The start does not depend on it, so it is at most a warning. */
export async function checkRedis({ redisUrl }: Configuration): Promise<Findings> {
  if (redisUrl === undefined) return { errors: [], warnings: [] };
  Logger.overrideLogger(false); // the warning says it
  const redis = connect(redisUrl);
  try {
    await whenReady(redis, CONNECT_TIMEOUT_MS);
    await redis.ping();
    return { errors: [], warnings: [] };
  } catch (error) {
    const warning = `Redis cannot be reached from here (${reasonOf(error)}). Without it the server starts, but lets nobody in.`;
    return { errors: [], warnings: [warning] };
  } finally {
    redis.disconnect();
  }
}
