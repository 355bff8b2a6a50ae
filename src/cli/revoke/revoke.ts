import { Logger } from '@nestjs/common';

import { openRevocationStorage } from '../../auth/revocation/open-revocation-storage.js';
import { isLive, keyOf, type Revocation, revoke, type Selector } from '../../auth/revocation/revocation.js';
import {
  parseDocument,
  withoutRevocation,
  withRevocations,
} from '../../auth/revocation/revocation-document.js';
import {
  changeDocument,
  type RevocationStorage,
  StorageRefusesError,
} from '../../auth/revocation/revocation-storage.js';
import type { Configuration } from '../../config/configuration.js';
import { readConfiguration } from '../../config/read-configuration.js';
import { connectOnDemand } from '../../redis/connect-on-demand.js';
import type { Redis } from '../../redis/redis.js';
import { whenReady } from '../../redis/when-ready.js';
import { connectionProblem } from '../../values/connection-problem.js';
import { principalIssuer, principalIssuers } from './issuers.js';
import type { RevokeRequest } from './revoke-request.js';
import { describeRevocation, describeRevocations, selectorName } from './revoke-words.js';
import { recordChange, systemUser } from './record-change.js';

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
    const storage = openRevocationStorage(configuration, redis);
    switch (request.do) {
      case 'list':
        return listed(parseDocument(await storage.read()).revocations, request.json);
      case 'undo':
        return await undo(request, storage, configuration);
      case 'revoke':
        return await revokeNow(request, storage, configuration, warn);
      default:
        return request satisfies never;
    }
  } finally {
    redis?.disconnect();
  }
}

/** Returns the revocations in force, as text or as JSON. */
const listed = (revocations: readonly Revocation[], json: boolean): string =>
  json
    ? JSON.stringify(revocations.filter((revocation) => isLive(revocation, Date.now())))
    : describeRevocations(revocations);

async function connectedRedis({ redis: settings }: Configuration): Promise<Redis | undefined> {
  if (!settings) return undefined;
  Logger.overrideLogger(false); // the error below reports the failure once
  const redis = await connectOnDemand(settings);
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

async function revokeNow(
  { selector: given, barNewerFor, clockMargin, by = systemUser() }: Extract<RevokeRequest, { do: 'revoke' }>,
  storage: RevocationStorage,
  configuration: Configuration,
  warn: (warning: string) => void,
): Promise<string> {
  const selector = withIssuer(given, configuration);
  const trusted = principalIssuers(configuration);
  if (selector.issuer !== undefined && !trusted.includes(selector.issuer)) {
    warn(
      `This configuration does not trust the issuer "${selector.issuer}". The revocation takes effect only if another endpoint of the application trusts it. Trusted here: ${trusted.join(', ')}.`,
    );
  }
  const added = revoke(selector, {
    maxTokenLifetime: configuration.maxTokenLifetime,
    barNewerFor,
    clockMargin,
    by,
  });
  const output = await stored(added, storage);
  await recordChange('revocation.added', selector, by, configuration);
  return output;
}

/** Stores a revocation. If the storage refuses it, gives it to the running instances. Returns the output. */
async function stored(added: Revocation, storage: RevocationStorage): Promise<string> {
  try {
    const { revocations } = await changeDocument(storage, (document) => withRevocations(document, [added]));
    const combined = revocations.find((revocation) => keyOf(revocation) === keyOf(added));
    return `Revoked: ${describeRevocation(combined ?? added)}\n${reach(storage)}`;
  } catch (error) {
    if (!(error instanceof StorageRefusesError)) throw error;
    const receivers = storage.offer ? await storage.offer(error.text) : 0;
    if (receivers === 0) throw nothingDone(error, 'revoked');
    return [
      `Revoked, but not stored: ${describeRevocation(added)}`,
      `${error.message} The running server processes (${receivers ?? 'a Redis Cluster does not say how many, or whether there are any'}) apply the revocation from memory and store it as soon as they can.`,
      `${error.remedy} Do not restart all processes before --list shows the revocation.`,
    ].join('\n');
  }
}

/** Creates the error for a storage that accepts no changes. */
const nothingDone = (cause: StorageRefusesError, what: 'revoked' | 'undone'): Error =>
  new Error(`${cause.message} Nothing was ${what}. ${cause.remedy} Then run the command again.`, { cause });

async function undo(
  { selector: given, by = systemUser() }: Extract<RevokeRequest, { do: 'undo' }>,
  storage: RevocationStorage,
  configuration: Configuration,
): Promise<string> {
  const selector = withIssuer(given, configuration);
  const change = changeDocument(storage, (document) => {
    if (document.revocations.some((revocation) => keyOf(revocation) === keyOf(selector))) {
      return withoutRevocation(document, selector);
    }
    throw new Error(`Nothing to undo for ${selectorName(selector)}. --list shows what is revoked.`);
  });
  await change.catch((error: unknown) => {
    throw error instanceof StorageRefusesError ? nothingDone(error, 'undone') : error;
  });
  await recordChange('revocation.removed', selector, by, configuration);
  return `Undone: ${selectorName(selector)} is no longer revoked.\n${reach(storage)}`;
}

/** Replaces the `iss` value of a selector with the issuer of a Principal. */
function withIssuer(selector: Selector, configuration: Configuration): Selector {
  const { issuer } = selector;
  return issuer === undefined ? selector : { ...selector, issuer: principalIssuer(issuer, configuration) };
}

/** Describes which servers apply the stored change. */
function reach({ kind, place }: RevocationStorage): string {
  return kind === 'redis'
    ? 'Every instance on this Redis applies it within a second.'
    : `The server that uses ${place} applies it within a second.`;
}
