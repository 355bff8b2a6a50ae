import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

import { type AuthenticatedRequest, setPrincipal } from './authenticated-request.js';
import { bearerToken } from './bearer-token.js';
import { isPublic } from './public.decorator.js';
import { TokenVerifier } from './token-verifier.js';

/** The one global guard: every route needs a valid bearer token unless it is marked `@Public()`. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return false;
    if (isPublic(this.reflector, context.getHandler(), context.getClass())) return true;

    const request = context.switchToHttp().getRequest<Request & AuthenticatedRequest>();
    setPrincipal(request, await this.verifier.verify(bearerToken(request)));
    return true;
  }
}
