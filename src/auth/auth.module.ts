import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';

import { AuthErrorFilter } from './auth-error.filter.js';
import { AuthGuard } from './auth.guard.js';
import { ProtectedResource } from './protected-resource.js';
import { RevocationsService } from './revocation/revocations.service.js';
import { ScalekitService } from './scalekit/scalekit.service.js';
import { TokenVerifier } from './token-verifier.js';

/** Who is calling: closes every route but those marked `@Public()`. */
@Global()
@Module({
  providers: [
    ProtectedResource,
    ScalekitService,
    RevocationsService,
    { provide: TokenVerifier, useExisting: ScalekitService },
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_FILTER, useClass: AuthErrorFilter },
  ],
  exports: [ProtectedResource, ScalekitService, RevocationsService],
})
export class AuthModule {}
