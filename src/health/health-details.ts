import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { AuthError, isGuess } from '../auth/auth-errors.js';
import { INVALID_TOKEN_GUARD } from '../auth/auth.guard.js';
import { type AuthenticatedRequest, setPrincipal } from '../auth/authenticated-request.js';
import { bearerToken } from '../auth/bearer-token.js';
import { RevocationsService } from '../auth/revocation/revocations.service.js';
import { TokenVerifier } from '../auth/token-verifier.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';

const privileged = new WeakSet<Request>();

/** Whether the response to a request may contain details, as determined by {@link HealthDetails}. */
export const showsDetails = (request: Request): boolean => privileged.has(request);

/**
 * Controls access to readiness details, because versions, key ids and list sizes help an attacker.
 *
 * An invalid token only hides the details, so that a monitor does not remove an instance because of its token. Guessed
 * tokens count toward the usual limit and are rejected beyond it.
 */
@Injectable()
export class HealthDetails implements CanActivate {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly verifier: TokenVerifier,
    private readonly revocations: RevocationsService,
    @Inject(INVALID_TOKEN_GUARD) private readonly invalidTokens: CanActivate,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request & AuthenticatedRequest>();
    const { production, healthDetailsScope: scope } = this.configuration;
    const isVisible = scope === undefined ? !production : await this.#hasScope(request, scope, context);
    if (isVisible) privileged.add(request);
    return true;
  }

  async #hasScope(
    request: Request & AuthenticatedRequest,
    scope: string,
    context: ExecutionContext,
  ): Promise<boolean> {
    try {
      const principal = await this.verifier.verify(bearerToken(request));
      setPrincipal(request, principal);
      this.revocations.check(principal);
      return principal.hasScopes([scope]);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      if (isGuess(error)) await this.invalidTokens.canActivate(context);
      return false;
    }
  }
}
