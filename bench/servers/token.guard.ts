import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';

import { verifyBearer } from './remembered-token.js';

/** Verifies and caches the token of each request. */
@Injectable()
export class TokenGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      await verifyBearer(context.switchToHttp().getRequest<Request>().headers.authorization);
      return true;
    } catch {
      throw new UnauthorizedException();
    }
  }
}
