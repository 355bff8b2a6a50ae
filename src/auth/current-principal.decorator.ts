import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

import { type AuthenticatedRequest, principalOf } from './authenticated-request.js';
import type { Principal } from './principal.js';

/**
 * Passes the caller of the request to a parameter of a route handler.
 *
 * ```ts
 * @Get()
 * list(@CurrentPrincipal() principal: Principal) { … }
 * ```
 *
 * The request fails with 401 if Aerie's guard does not cover the route.
 */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal =>
  principalOf(context.switchToHttp().getRequest<AuthenticatedRequest>()),
);
