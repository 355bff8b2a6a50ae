import { openRevocationStorage } from '../../auth/revocation/open-revocation-storage.js';
import { selectorName, selectorOf } from '../../auth/revocation/revocation-parameters.js';
import { Revocations } from '../../auth/revocation/revocations.js';
import type { Configuration } from '../../config/configuration.js';
import { readConfiguration } from '../../config/read-configuration.js';
import { connectOnDemand } from '../../redis/connect-on-demand.js';
import { NO_LOG, type Redis } from '../../redis/redis.js';
import { whenReady } from '../../redis/when-ready.js';
import { connectionProblem } from '../../values/connection-problem.js';
import { recordChange, systemUser } from './record-change.js';
import type { RevokeRequest } from './revoke-request.js';
import { describeRevocation, describeRevocations } from './revoke-words.js';

/** Maximum time to connect to Redis. */
const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Runs the command and returns its output.
 *
 * @param warn receives what looks like a mistake, but may be intended
 */
export async function revokeTokens(request: RevokeRequest, warn: (warning: string) => void): Promise<string> {
  const configuration = await readConfiguration();
  const redis = await connectedRedis(configuration);
  try {
    const revocations = new Revocations(configuration, openRevocationStorage(configuration, redis), {
      making: async (change, make) => {
        const result = await make();
        await recordChange(change, configuration);
        return result;
      },
      warn,
    });
    return await outputOf(request, revocations);
  } finally {
    redis?.disconnect();
  }
}

async function outputOf(request: RevokeRequest, revocations: Revocations): Promise<string> {
  switch (request.do) {
    case 'list': {
      const inForce = await revocations.list();
      return request.json ? JSON.stringify(inForce) : describeRevocations(inForce);
    }
    case 'undo': {
      const { target, by = systemUser() } = request;
      const { message } = await revocations.undo(target, { by });
      return `Undone: ${selectorName(selectorOf(target))} is no longer revoked.\n${message}`;
    }
    case 'revoke': {
      const { target, by = systemUser(), for: period, clockMargin } = request;
      const result = await revocations.revoke(target, { by, for: period, clockMargin });
      const done = result.storedIn === 'memory' ? 'Revoked, but not stored' : 'Revoked';
      return `${done}: ${describeRevocation(result.revocation)}\n${result.message}`;
    }
    default:
      return request satisfies never;
  }
}

async function connectedRedis({ redis: settings }: Configuration): Promise<Redis | undefined> {
  if (!settings) return undefined;
  const redis = await connectOnDemand(settings, NO_LOG); // the error below reports the failure once
  try {
    await whenReady(redis, CONNECT_TIMEOUT_MS);
    return redis;
  } catch (error) {
    redis.disconnect();
    const problem = connectionProblem(error);
    throw new Error(`Redis cannot be reached (${problem}), so nothing was changed. Check REDIS_URL.`, {
      cause: error,
    });
  }
}
