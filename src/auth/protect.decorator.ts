import { applyDecorators, type CanActivate, UseFilters, UseGuards } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/internal';

import { DEFAULT_ENDPOINT } from '../routes/endpoint-name.js';
import { listIn } from '../values/list-in.js';
import { AuthErrorFilter } from './auth-error.filter.js';
import { type AuthenticatedRequest, principalOf } from './authenticated-request.js';
import { trackMember } from './member-tracking.js';
import { routeMark } from './route-mark.js';

const { mark, isMarked, valueOf } = routeMark<string>('PROTECTED');

/** Runs after the guards of all endpoints. It keeps a route closed that names an endpoint that does not exist. */
const REQUIRE_PRINCIPAL: CanActivate = {
  canActivate: (context) => {
    principalOf(context.switchToHttp().getRequest<AuthenticatedRequest>());
    return true;
  },
};

/**
 * Requires a token on a route, or on all routes of a controller, of an application whose other routes Aerie's guard
 * leaves alone (`guard: 'mcp'`). It wins over `@Public()`.
 *
 * @param endpoint endpoint whose tokens are accepted; default the default endpoint
 */
export const Protect = (endpoint = DEFAULT_ENDPOINT): ClassDecorator & MethodDecorator =>
  applyDecorators(
    mark(endpoint),
    UseGuards(REQUIRE_PRINCIPAL),
    // A filter of the application for all errors would otherwise answer without a challenge.
    UseFilters(AuthErrorFilter),
    trackMember('@Protect()', isMarked),
  );

/** Returns the endpoint whose tokens the handler or its controller requires, if it is marked {@link Protect}. */
export const protectedBy = valueOf;

/** Whether a method is marked {@link Protect} itself. */
export const isProtected = isMarked;

/** Whether a method has `@UseGuards()`, in addition to the guard of {@link Protect}. */
export const hasOwnGuards = (method: object): boolean =>
  listIn(Reflect.getMetadata(GUARDS_METADATA, method)).some((guard) => guard !== REQUIRE_PRINCIPAL);
