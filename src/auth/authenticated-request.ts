import { MissingTokenError } from './auth-errors.js';
import type { Principal } from './principal.js';

const PRINCIPAL = Symbol('principal');

/** Request with the Principal of the caller, stored under a symbol because no client can set one. */
export interface AuthenticatedRequest {
  [PRINCIPAL]?: Principal;
}

export function setPrincipal(request: AuthenticatedRequest, principal: Principal): void {
  request[PRINCIPAL] = principal;
}

/** Returns the caller of a request, or undefined if the request was not authenticated. */
export function findPrincipal(request: AuthenticatedRequest): Principal | undefined {
  return request[PRINCIPAL];
}

/**
 * Returns the caller of a request.
 *
 * @throws {MissingTokenError} when the guard did not admit the request; a route without a guard thus stays closed
 */
export function principalOf(request: AuthenticatedRequest): Principal {
  const principal = request[PRINCIPAL];
  if (!principal) throw new MissingTokenError();
  return principal;
}
