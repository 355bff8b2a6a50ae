import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

import { type AuthenticatedRequest, setPrincipal } from './authenticated-request.js';
import { bearerToken } from './bearer-token.js';
import type { Principal } from './principal.js';
import { isPublic } from './public.decorator.js';
import { RevocationsService } from './revocation/revocations.service.js';
import { TokenVerifier } from './token-verifier.js';

/** The one global guard: every route needs a valid bearer token, not revoked, unless it is marked `@Public()`. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
    private readonly revocations: RevocationsService,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return false;
    if (isPublic(this.reflector, context.getHandler(), context.getClass())) return true;

    const request = context.switchToHttp().getRequest<Request & AuthenticatedRequest>();
    const verified = this.verifier.verify(bearerToken(request));
    return verified instanceof Promise
      ? verified.then((principal) => this.#admit(request, principal))
      : this.#admit(request, verified);
  }

  #admit(request: AuthenticatedRequest, principal: Principal): boolean {
    // Before the check, so that the log knows who was refused; the request goes no further.
    setPrincipal(request, principal);
    // On every request: that a token was verified before, and is remembered, is no excuse.
    this.revocations.check(principal);
    return true;
  }
}
