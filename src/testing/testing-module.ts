import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';

import { AerieModule, type AerieOptions } from '../aerie.module.js';
import { DeclaredClaims } from '../auth/declared-claims.js';
import { OwnKeysVerifier } from '../auth/own-keys/own-keys-verifier.js';
import { VerifiedTokens } from '../auth/verified-tokens.js';
import { OWN_KEYS } from '../auth/verifiers.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { importsModule } from './imports-module.js';
import type { MemoryIssuer } from './test-issuer.js';

/**
 * Adds Aerie to modules, unless they import it: then their Aerie gets the configuration of the test.
 *
 * @param issuer issuer of the keys at `JWT_JWKS_URI`
 */
export async function testingModule(
  metadata: ModuleMetadata,
  configuration: Configuration,
  options: AerieOptions,
  issuer: MemoryIssuer,
): Promise<TestingModuleBuilder> {
  const { imports = [] } = metadata;
  const isImported = await importsModule(AerieModule, imports);
  const aerie = isImported ? [] : [AerieModule.forRoot(configuration, options)];
  return Test.createTestingModule({ ...metadata, imports: [...imports, ...aerie] })
    .overrideProvider(CONFIGURATION)
    .useValue(configuration)
    .overrideProvider(OWN_KEYS)
    .useFactory({
      inject: [VerifiedTokens, DeclaredClaims],
      factory: (verified: VerifiedTokens, declared: DeclaredClaims) =>
        configuration.ownKeys &&
        new OwnKeysVerifier(configuration.ownKeys, configuration, verified, declared, () =>
          issuer.fetchKeys(),
        ),
    });
}
