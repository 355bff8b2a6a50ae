import type { FactoryProvider, Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { Reloads } from '../config/reloads.js';
import { loadOptional } from '../values/load-optional.js';
import { AuthGuard } from './auth.guard.js';
import { DeclaredClaims } from './declared-claims.js';
import type { IssuerVerifier } from './issuer-verifier.js';
import { ProtectedResource } from './protected-resource.js';
import { TokenVerifier } from './token-verifier.js';
import { TrustedIssuers } from './trusted-issuers.js';
import { VerifiedTokens } from './verified-tokens.js';
import { OWN_KEYS, SCALEKIT } from './verifiers.js';

const verifiers: readonly FactoryProvider[] = [
  {
    provide: VerifiedTokens,
    inject: [CONFIGURATION],
    useFactory: ({ tokenCache }: Configuration) => new VerifiedTokens(tokenCache),
  },
  {
    provide: SCALEKIT,
    inject: [CONFIGURATION, VerifiedTokens, DeclaredClaims],
    useFactory: async (configuration: Configuration, verified: VerifiedTokens, declared: DeclaredClaims) => {
      if (!configuration.scalekit) return undefined;
      const { ScalekitService } = await loadOptional(
        'Scalekit',
        ['@scalekit-sdk/node'],
        () => import('./scalekit/scalekit.service.js'),
      );
      return new ScalekitService(configuration.scalekit, configuration, verified, declared);
    },
  },
  {
    provide: OWN_KEYS,
    // Loads after Scalekit's SDK, which require()s jose. That fails while an import() of jose is pending.
    inject: [CONFIGURATION, VerifiedTokens, DeclaredClaims, Reloads, SCALEKIT],
    useFactory: async (
      configuration: Configuration,
      verified: VerifiedTokens,
      declared: DeclaredClaims,
      reloads: Reloads,
    ) => {
      if (!configuration.ownKeys) return undefined;
      const { OwnKeysVerifier } = await import('./own-keys/own-keys-verifier.js');
      const verifier = new OwnKeysVerifier(configuration.ownKeys, configuration, verified, declared);
      reloads.on(
        ['JWT_PUBLIC_KEY'],
        (next) => next.ownKeys !== undefined && verifier.replaceKeys(next.ownKeys),
      );
      return verifier;
    },
  },
  {
    provide: TokenVerifier,
    inject: [SCALEKIT, OWN_KEYS, VerifiedTokens],
    useFactory: (
      scalekit: IssuerVerifier | undefined,
      ownKeys: IssuerVerifier | undefined,
      verified: VerifiedTokens,
    ) =>
      new TrustedIssuers(
        [scalekit, ownKeys].filter((verifier) => verifier !== undefined),
        verified,
      ),
  },
];

/** Authenticate the callers of one endpoint. */
export const AUTH_PROVIDERS: readonly Provider[] = [
  ...verifiers,
  ProtectedResource,
  { provide: APP_GUARD, useClass: AuthGuard },
];
