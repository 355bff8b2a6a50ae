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

/** A server under test, over real HTTP, and the issuer that it takes for Scalekit. */
export interface Aerie {
  /** The endpoint's URL, which is also the resource. */
  readonly url: string;
  readonly origin: string;
  readonly issuer: DevIssuer;
  readonly application: NestExpressApplication;
  /** The server's own, unless the environment given names another. */
  readonly stateDirectory: string;
  /** Everything that any server of this test file logged: NestJS has one logger for all. */
  readonly logs: readonly string[];
  token(request?: Parameters<DevIssuer['signAccessToken']>[0]): Promise<string>;
  close(): Promise<void>;
}

const SCOPES = ['admin', 'org:read', 'todo:read', 'todo:write', 'usr:read'];
export const RESOURCE_ID = 'res_100000000000000001';

const logs: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });
const SECRET = 'a-secret-that-no-log-may-hold';
/** Every token that a test of this file has presented. */
const tokens = new Set<string>();

/** Has the test fail if this token is in a log. */
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
      // What is not about limits should not meet one.
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
    // Also where a test closes the application itself.
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

/** Number of lines that were searched before: no later token can be in them. */
let searched = 0;
const SIGNATURE_PART = 16;

/** No log of any test may hold a secret or a token, nor so much of one that it could be put together again. */
function refuseSecretsIn(lines: readonly string[]): void {
  const text = lines.slice(searched).join('\n');
  searched = lines.length;
  if (text.includes(SECRET)) throw new Error('A secret was logged.');
  const parts = new Set([...tokens].map((token) => token.split('.')[2]?.slice(0, SIGNATURE_PART)));
  // One pass over the text, however many tokens there are.
  for (const [run] of text.matchAll(/[\w-]{16,}/g)) {
    for (let start = 0; start + SIGNATURE_PART <= run.length; start++) {
      if (parts.has(run.slice(start, start + SIGNATURE_PART))) {
        throw new Error('A token, or a part of one, was logged.');
      }
    }
  }
}
