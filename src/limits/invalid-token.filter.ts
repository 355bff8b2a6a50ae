import { type ArgumentsHost, Catch, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';

import { AuthErrorFilter } from '../auth/auth-error.filter.js';
import { InvalidTokenError } from '../auth/auth-errors.js';
import { ProtectedResource } from '../auth/protected-resource.js';
import { setReason } from '../logging/refusal.js';
import { InvalidTokens } from './invalid-tokens.js';

/**
 * Answers invalid tokens: as all refusals are answered, or with 429 where the address has sent too many.
 *
 * A filter around the AuthGuard's decision and not a guard before it: before, nobody knows whether a token is
 * good, and a good one must never be refused for what others send from the same address. A request without a
 * token fails with another error, so it never comes here.
 */
@Injectable()
@Catch(InvalidTokenError)
export class InvalidTokenFilter extends AuthErrorFilter {
  constructor(
    resource: ProtectedResource,
    private readonly invalidTokens: InvalidTokens,
  ) {
    super(resource);
  }

  override catch(error: InvalidTokenError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    void this.#countAndAnswer(error, http.getRequest<Request>().ip, http.getResponse<Response>());
  }

  async #countAndAnswer(error: InvalidTokenError, ip: string | undefined, response: Response): Promise<void> {
    // Whoever holds a token that was good needs to be told to get another, not to wait.
    const wait = error.isAuthentic ? undefined : await this.invalidTokens.count(ip);
    if (wait === undefined) {
      this.answer(error, response);
      return;
    }
    setReason(response, 'rate_limited:address');
    response
      .status(429)
      .set({ 'Retry-After': String(wait), 'Cache-Control': 'no-store' })
      .json({
        error: 'too_many_requests',
        error_description: `Too many invalid tokens came from this address. Try again in ${wait} s.`,
      });
  }
}
