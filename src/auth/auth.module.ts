import { type FactoryProvider, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { AuthErrorFilter } from './auth-error.filter.js';
import { AuthGuard } from './auth.guard.js';
import { JwtVerifier } from './jwt/jwt-verifier.js';
import { ProtectedResource } from './protected-resource.js';
import { RevocationsService } from './revocation/revocations.service.js';
import { ScalekitService } from './scalekit/scalekit.service.js';
import { TokenVerifier } from './token-verifier.js';
import { TrustedIssuers } from './trusted-issuers.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Each verifier is undefined where its tokens are not trusted. */
const verifiers: readonly FactoryProvider[] = [
  {
    provide: VerifiedTokens,
    inject: [CONFIGURATION],
    useFactory: ({ tokenCache }: Configuration) => new VerifiedTokens(tokenCache),
  },
  {
    provide: ScalekitService,
    inject: [CONFIGURATION, VerifiedTokens],
    useFactory: (configuration: Configuration, verified: VerifiedTokens) =>
      configuration.scalekit && new ScalekitService(configuration.scalekit, configuration, verified),
  },
  {
    provide: JwtVerifier,
    inject: [CONFIGURATION, VerifiedTokens],
    useFactory: (configuration: Configuration, verified: VerifiedTokens) =>
      configuration.jwt && new JwtVerifier(configuration.jwt, configuration, verified),
  },
  {
    provide: TokenVerifier,
    inject: [ScalekitService, JwtVerifier, VerifiedTokens],
    useFactory: (
      scalekit: ScalekitService | undefined,
      jwt: JwtVerifier | undefined,
      verified: VerifiedTokens,
    ) =>
      new TrustedIssuers(
        [scalekit, jwt].filter((verifier) => verifier !== undefined),
        verified,
      ),
  },
];

/** Who is calling: closes every route but those marked `@Public()`. */
@Global()
@Module({
  providers: [
    ...verifiers,
    ProtectedResource,
    RevocationsService,
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_FILTER, useClass: AuthErrorFilter },
  ],
  exports: [ProtectedResource, ScalekitService, JwtVerifier, RevocationsService],
})
export class AuthModule {}
