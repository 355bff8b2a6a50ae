import { Logger } from '@nestjs/common';

import type { Configuration } from '../../config/configuration.js';
import { connect } from '../../redis/connect.js';
import { whenReady } from '../../redis/when-ready.js';
import { connectionProblem } from '../../values/connection-problem.js';
import type { CheckFindings } from './check-findings.js';

const CONNECT_TIMEOUT_MS = 3_000;

/** Checks whether Redis responds. Startup does not depend on Redis, so a failure is only a warning. */
export async function checkRedis({ redis: settings }: Configuration): Promise<CheckFindings> {
  if (!settings) return { errors: [], warnings: [] };
  Logger.overrideLogger(false); // the returned warning reports the failure
  const redis = connect(settings);
  try {
    await whenReady(redis, CONNECT_TIMEOUT_MS);
    await redis.ping();
    return { errors: [], warnings: [] };
  } catch (error) {
    const warning = `Redis cannot be reached from here (${connectionProblem(error)}). Without Redis, the server starts but rejects all requests.`;
    return { errors: [], warnings: [warning] };
  } finally {
    redis.disconnect();
  }
}
