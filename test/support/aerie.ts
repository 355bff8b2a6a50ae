import type { ModuleMetadata } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { createApplication } from '../../src/application.js';
import { loadConfiguration } from '../../src/config/load-configuration.js';
import { type DevIssuer, type DevIssuerOptions, startDevIssuer } from '../../src/dev-issuer/dev-issuer.js';
import type { Observer } from '../../src/observation/observer.js';
import { AerieTest } from '../../src/testing/index.js';
import { log, logs, refuseSecrets, secret, SILENT, WITH_SECRET } from './log.js';
import { freePort } from './ports.js';
import { testSigningKey } from './signing-keys.js';

export interface AerieOptions {
  /** Path of the endpoint. */
  readonly path?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly modules?: ModuleMetadata['imports'];
  readonly issuer?: Partial<DevIssuerOptions>;
  /** The issuer cannot be reached until `issuer.comeBack()`. */
  readonly issuerDown?: boolean;
  readonly observers?: readonly Observer[];
  /** By default, every line is kept for the test. */
  readonly isLogging?: boolean;
}

/** Our application over real HTTP, in the test kit, with the issuer that replaces Scalekit. */
export interface Aerie extends Pick<AerieTest, 'url' | 'as'> {
  readonly origin: string;
  readonly issuer: DevIssuer;
  readonly application: NestExpressApplication;
  /** Variables of the server. */
  readonly variables: NodeJS.ProcessEnv;
  /** State of the server, unless the environment names another directory. */
  readonly stateDirectory: string;
  /** Log of all servers of this test file. */
  readonly logs: readonly string[];
  token(request?: Parameters<DevIssuer['signAccessToken']>[0]): Promise<string>;
  close(): Promise<void>;
}

export const RESOURCE_ID = 'res_100000000000000001';
const SCOPES = ['admin', 'org:read', 'todo:read', 'todo:write', 'usr:read'];

/** Variables of every test. High limits, so that other tests do not reach them. */
const VARIABLES: NodeJS.ProcessEnv = {
  RATE_LIMIT_CALLER: '1000000/min',
  RATE_LIMIT_ORGANIZATION: '1000000/min',
  RATE_LIMIT_INVALID_TOKENS: '1000000/min',
  MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: '100000',
  MAX_CALLS_IN_FLIGHT_PER_CALLER: '100000',
  MAX_CALLS_IN_FLIGHT: '100000',
  SIGNING_KEYS_COOLDOWN: '10s',
  ...WITH_SECRET,
};

/** Starts our application in Scalekit's mode against an issuer of its own, both on free ports. */
export async function startAerie(options: AerieOptions = {}): Promise<Aerie> {
  const { path = '/mcp', environment, modules, observers = [], isLogging = true } = options;
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const issuer = await startDevIssuer({
    port: await freePort(),
    resourceUrl: origin + path,
    resourceId: RESOURCE_ID,
    scopes: () => SCOPES,
    signingKey: await testSigningKey(),
    ...options.issuer,
  });
  if (options.issuerDown) await issuer.goDown();
  // Not loaded otherwise, because it would cost every test file a tenth of a second.
  const traced = process.env['TRACED'] === undefined ? undefined : await import('./traced.js');
  let all: NodeJS.ProcessEnv = {};
  const kit = await AerieTest.start(
    (variables) => {
      all = { ...variables, ...VARIABLES, ...environment };
      const configuration = loadConfiguration(all);
      return createApplication(configuration, modules, isLogging ? log : SILENT, [
        ...(traced?.tracingObservers ?? []),
        ...observers,
      ]);
    },
    { path, port, issuer: async () => issuer },
  );
  const { application } = kit;
  return {
    url: origin + path,
    origin,
    issuer,
    application,
    variables: all,
    stateDirectory: kit.variables['STATE_DIRECTORY'] ?? '',
    logs,
    as: (caller, client) => kit.as(caller, client),
    token: async (request = {}) =>
      secret(await issuer.signAccessToken({ user: 'alice', scope: 'usr:read org:read', ...request })),
    close: async () => {
      application.getHttpServer().closeAllConnections();
      await kit.close();
      refuseSecrets(await traced?.takeTelemetry());
    },
  };
}
