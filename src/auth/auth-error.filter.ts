import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';

import { setReason } from '../logging/refused-response.js';
import { type AuthenticatedRequest, challengerOf } from './authenticated-request.js';
import { AuthError } from './auth-errors.js';
import { ProtectedResource } from './protected-resource.js';

/** Converts an {@link AuthError} into a response with a status, a challenge or `Retry-After`, and a JSON body. */
@Catch(AuthError)
export class AuthErrorFilter implements ExceptionFilter<AuthError> {
  constructor(private readonly resource: ProtectedResource) {}

  catch(error: AuthError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    setReason(response, error.reason);
    if (error.retryAfter !== undefined) {
      response.setHeader('Retry-After', error.retryAfter);
    } else if (error.isChallenge) {
      const challenger =
        challengerOf(host.switchToHttp().getRequest<AuthenticatedRequest>()) ?? this.resource;
      response.setHeader('WWW-Authenticate', challenger.challengeFor(error, response.req.headers.host));
    }
    response
      .status(error.status)
      .setHeader('Cache-Control', 'no-store')
      .json({ error: error.code, error_description: error.description });
  }
}
