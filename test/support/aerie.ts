import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ModuleMetadata } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { pino } from 'pino';

import { createApplication } from '../../src/application.js';
import { loadConfiguration } from '../../src/config/load-configuration.js';
import { type DevIssuer, type DevIssuerOptions, startDevIssuer } from '../../src/dev-issuer/dev-issuer.js';
import { freePort } from './ports.js';

export interface AerieOptions {
  /** Path of the endpoint. */
  readonly path?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly modules?: ModuleMetadata['imports'];
  readonly issuer?: Partial<DevIssuerOptions>;
  /** The issuer cannot be reached until `issuer.comeBack()`. */
  readonly issuerDown?: boolean;
  /** By default, every line is kept for the test. */
  readonly isLogging?: boolean;
}

/** Server under test over real HTTP, with the issuer that replaces Scalekit. */
export interface Aerie {
  /** The endpoint's URL, which is also the resource. */
  readonly url: string;
  readonly origin: string;
  readonly issuer: DevIssuer;
  readonly application: NestExpressApplication;
  /** Issuer of the server, unless the environment names another. */
  readonly stateDirectory: string;
  /** Log of all servers of this test file, because NestJS has one global logger. */
  readonly logs: readonly string[];
  token(request?: Parameters<DevIssuer['signAccessToken']>[0]): Promise<string>;
  close(): Promise<void>;
}

const SCOPES = ['admin', 'org:read', 'todo:read', 'todo:write', 'usr:read'];
export const RESOURCE_ID = 'res_100000000000000001';

const logs: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });
const SECRET = 'a-secret-that-no-log-may-hold';
/** Tokens that the tests of this file have used. */
const tokens = new Set<string>();

/** Makes the test fail if the log contains this token. */
export function secret(token: string): string {
  tokens.add(token);
  return token;
}

/** Starts a server in Scalekit's mode against an issuer of its own, both on free ports. */
export async function startAerie(options: AerieOptions = {}): Promise<Aerie> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const url = `${origin}${options.path ?? '/mcp'}`;
  const issuer = await startDevIssuer({
    port: await freePort(),
    resourceUrl: url,
    resourceId: RESOURCE_ID,
    scopes: () => SCOPES,
    ...options.issuer,
  });
  if (options.issuerDown) await issuer.goDown();
  const stateDirectory = mkdtempSync(join(tmpdir(), 'aerie-state-'));

  let application: NestExpressApplication;
  try {
    const configuration = loadConfiguration({
      PORT: String(port),
      SK_ENV_URL: issuer.url,
      MCP_SERVER_ID: RESOURCE_ID,
      RESOURCE_URL: url,
      // High limits, so that other tests do not reach them.
      RATE_LIMIT_CALLER: '1000000/min',
      RATE_LIMIT_ORGANIZATION: '1000000/min',
      RATE_LIMIT_INVALID_TOKENS: '1000000/min',
      MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: '100000',
      MAX_CALLS_IN_FLIGHT_PER_CALLER: '100000',
      MAX_CALLS_IN_FLIGHT: '100000',
      SK_CLIENT_SECRET: SECRET,
      STATE_DIRECTORY: stateDirectory,
      ...options.environment,
    });
    const target = options.isLogging === false ? pino({ level: 'silent' }) : log;
    application = await createApplication(configuration, options.modules, target);
    await application.listen(port, '127.0.0.1');
    // Also covers tests that close the application themselves.
    application.getHttpServer().once('close', () => rmSync(stateDirectory, { recursive: true, force: true }));
  } catch (error) {
    await issuer.close();
    rmSync(stateDirectory, { recursive: true, force: true });
    throw error;
  }

  return {
    url,
    origin,
    issuer,
    application,
    stateDirectory,
    logs,
    token: async (request = {}) =>
      secret(await issuer.signAccessToken({ user: 'alice', scope: 'usr:read org:read', ...request })),
    close: async () => {
      application.getHttpServer().closeAllConnections();
      await application.close();
      await issuer.close();
      refuseSecretsIn(logs);
    },
  };
}

/** Number of lines searched before. They cannot contain later tokens. */
let searched = 0;
const SIGNATURE_PART = 16;

/** Checks that no log contains a secret, a token, or a usable part of one. */
function refuseSecretsIn(lines: readonly string[]): void {
  const text = lines.slice(searched).join('\n');
  searched = lines.length;
  if (text.includes(SECRET)) throw new Error('A secret was logged.');
  const parts = new Set([...tokens].map((token) => token.split('.')[2]?.slice(0, SIGNATURE_PART)));
  // Searches the text once for all tokens.
  for (const [run] of text.matchAll(/[\w-]{16,}/g)) {
    for (let start = 0; start + SIGNATURE_PART <= run.length; start++) {
      if (parts.has(run.slice(start, start + SIGNATURE_PART))) {
        throw new Error('A token, or a part of one, was logged.');
      }
    }
  }
}
