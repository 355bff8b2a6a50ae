import { setTimeout as pause } from 'node:timers/promises';

import type { Logger } from '@nestjs/common';

import type { DatabaseSettings } from '../config/sections/database.js';
import { connectionProblem } from '../values/connection-problem.js';
import { PostgresServer } from './postgres-server.js';
import { prepareServer } from './prepare-server.js';
import { TenantKey } from './tenant-key.js';
import { DatabaseUnavailableError } from './unavailable.js';

export type ServerSettings = Extract<DatabaseSettings, { kind: 'server' }>;

/** Delay before changed settings are tried again. */
const RETRY_DELAY_MS = 500;

const UNUSABLE = 'The changed settings of the database do not work yet, so the previous ones stay in use:';

/** Creates the pools of a server, without connecting. */
export async function openServer({ url, poolSize, tenantSecret }: ServerSettings): Promise<PostgresServer> {
  return new PostgresServer(url, poolSize, await TenantKey.fromSecret(tenantSecret));
}

/**
 * Opens a server with changed settings once they work: the file of a password may change before the password does.
 *
 * @param logger gets the first problem
 * @param superseded ends the attempts
 * @returns undefined if the attempts were ended
 */
export async function openOnceUsable(
  settings: ServerSettings,
  logger: Logger,
  superseded: AbortSignal,
): Promise<PostgresServer | undefined> {
  const server = await openServer(settings);
  let isLogged = false;
  while (!superseded.aborted) {
    try {
      await prepareServer(server.control, settings.migrationUrl, server.key);
      if (!superseded.aborted) return server;
    } catch (error) {
      if (!isLogged) logger.warn(`${UNUSABLE} ${problemOf(error)}`);
      isLogged = true;
      await pause(RETRY_DELAY_MS, undefined, { signal: superseded }).catch(() => undefined);
    }
  }
  await server.close();
  return undefined;
}

const problemOf = (error: unknown): string =>
  connectionProblem(error instanceof DatabaseUnavailableError ? error.cause : error);
