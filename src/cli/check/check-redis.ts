import { CHANNELS as OF_REVOCATIONS } from '../../auth/revocation/redis-revocations.js';
import type { Configuration } from '../../config/configuration.js';
import { CHANNEL as OF_RESOURCE_UPDATES } from '../../mcp/events/resource-updates.js';
import { channelIn } from '../../redis/channel-in.js';
import { connect } from '../../redis/connect.js';
import { NO_LOG, type Redis } from '../../redis/redis.js';
import { whenReady } from '../../redis/when-ready.js';
import { connectionProblem } from '../../values/connection-problem.js';
import type { CheckFindings } from './check-findings.js';

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Checks whether Redis responds, and lets its user subscribe. Startup does not depend on Redis, so a failure is only a
 * warning.
 */
export async function checkRedis({ redis: settings }: Configuration): Promise<CheckFindings> {
  if (!settings) return { errors: [], warnings: [] };
  const redis = connect(settings, NO_LOG); // the returned warning reports the failure
  try {
    await whenReady(redis, CONNECT_TIMEOUT_MS);
    await redis.ping();
    const refusal = await subscriptionRefusal(redis);
    return {
      errors: [],
      warnings: refusal === undefined ? [] : [refusedWarning(refusal, settings.username ?? 'default')],
    };
  } catch (error) {
    const warning = `Redis cannot be reached from here (${connectionProblem(error)}). Without Redis, the server starts but rejects all requests.`;
    return { errors: [], warnings: [warning] };
  } finally {
    redis.disconnect();
  }
}

/** Returns why the user may not subscribe; undefined if it may. */
async function subscriptionRefusal(redis: Redis): Promise<string | undefined> {
  try {
    const channels = [...OF_REVOCATIONS, OF_RESOURCE_UPDATES].map((name) => channelIn(redis, name));
    await redis.subscribe(...channels);
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return error.message;
    throw error;
  }
}

const refusedWarning = (refusal: string, user: string): string =>
  `The Redis user "${user}" may not subscribe to the channels of the server (${refusal}). Revocations then arrive up to 5 s late, and listeners miss changes of resources. Grant it: ACL SETUSER ${user} &aerie:* +@pubsub`;
