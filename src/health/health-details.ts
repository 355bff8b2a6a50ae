import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { AuthError } from '../auth/auth-errors.js';
import { type AuthenticatedRequest, setPrincipal } from '../auth/authenticated-request.js';
import { bearerToken } from '../auth/bearer-token.js';
import { RevocationsService } from '../auth/revocation/revocations.service.js';
import { TokenVerifier } from '../auth/token-verifier.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';

/** Decides who may read the details of readiness: versions, key ids and the size of lists help an attacker. */
@Injectable()
export class HealthDetails {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly verifier: TokenVerifier,
    private readonly revocations: RevocationsService,
  ) {}

  /** A refused token hides the details and nothing else: a monitor must not take an instance out because of it. */
  async areVisibleTo(request: Request & AuthenticatedRequest): Promise<boolean> {
    const { production, healthDetailsScope: scope } = this.configuration;
    if (scope === undefined) return !production;
    try {
      const principal = await this.verifier.verify(bearerToken(request));
      setPrincipal(request, principal);
      this.revocations.check(principal);
      return principal.hasScopes([scope]);
    } catch (error) {
      if (error instanceof AuthError) return false;
      throw error;
    }
  }
}
