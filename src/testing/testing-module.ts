import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';

import { AerieModule, type AerieOptions } from '../aerie.module.js';
import { DeclaredClaims } from '../auth/declared-claims.js';
import { OwnKeysVerifier } from '../auth/own-keys/own-keys-verifier.js';
import { VerifiedTokens } from '../auth/verified-tokens.js';
import { OWN_KEYS } from '../auth/verifiers.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { loadConfiguration } from '../config/load-configuration.js';
import { DEFAULT_ENDPOINT, ENDPOINT, ENDPOINT_PATH } from '../routes/endpoint-name.js';
import { importsModule } from './imports-module.js';
import type { MemoryIssuer } from './test-issuer.js';

/**
 * Adds Aerie to modules, unless they import it: then their Aerie gets the configuration of the test, with the path of
 * each endpoint.
 *
 * @param variables variables of the default endpoint
 * @param issuer issuer of the keys at `JWT_JWKS_URI`
 * @throws {Error} when modules that import Aerie would ignore an option
 */
export async function testingModule(
  metadata: ModuleMetadata,
  variables: Readonly<Record<string, string>>,
  options: AerieOptions,
  issuer: MemoryIssuer,
): Promise<TestingModuleBuilder> {
  const { imports = [] } = metadata;
  const configuration = loadConfiguration(variables);
  const at = (path: string, endpoint: string): Configuration => {
    const url = new URL(path, configuration.resource.url).href;
    // All endpoints have the MCP_SERVER_ID of the test, so only the default one may accept it as an audience.
    const audience = configuration.scalekit && endpoint !== DEFAULT_ENDPOINT && { EXPECTED_AUDIENCE: url };
    return loadConfiguration({ ...variables, RESOURCE_URL: url, ...audience });
  };
  const isImported = await importsModule(AerieModule, imports);
  if (isImported) refuseOptions(options);
  const aerie = isImported ? [] : [AerieModule.forRoot(configuration, options)];
  return Test.createTestingModule({ ...metadata, imports: [...imports, ...aerie] })
    .overrideProvider(CONFIGURATION)
    .useFactory({
      // An application may provide the configuration outside of Aerie too.
      inject: [
        { token: ENDPOINT_PATH, optional: true },
        { token: ENDPOINT, optional: true },
      ],
      factory: (path?: string, endpoint: string = DEFAULT_ENDPOINT): Configuration =>
        path === undefined ? configuration : at(path, endpoint),
    })
    .overrideProvider(OWN_KEYS)
    .useFactory({
      inject: [CONFIGURATION, VerifiedTokens, DeclaredClaims],
      factory: (own: Configuration, verified: VerifiedTokens, declared: DeclaredClaims) =>
        own.ownKeys && new OwnKeysVerifier(own.ownKeys, own, verified, declared, () => issuer.fetchKeys()),
    });
}

/** Options of Aerie itself. */
const OF_AERIE = {
  endpoint: true,
  guard: true,
  decorators: true,
  claims: true,
  requestUser: true,
  log: true,
  logRequests: true,
  observers: true,
  connectPage: true,
  enhancers: true,
  imports: true,
} as const satisfies Record<keyof AerieOptions, true>;

function refuseOptions(options: object): void {
  const ignored = Object.entries(options)
    .filter(([name, value]) => value !== undefined && Object.hasOwn(OF_AERIE, name))
    .map(([name]) => name);
  if (ignored.length === 0) return;
  throw new Error(
    `The modules of the test import AerieModule, so these options would be ignored: ${ignored.join(', ')}. ` +
      'Set them there, or leave AerieModule out of the test.',
  );
}
