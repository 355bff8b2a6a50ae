import { MissingTokenError } from './auth-errors.js';
import type { Principal } from './principal.js';

const PRINCIPAL = Symbol('principal');

/** A request that the guard may have tied to a Principal. No client can set a symbol. */
export interface AuthenticatedRequest {
  [PRINCIPAL]?: Principal;
}

export function setPrincipal(request: AuthenticatedRequest, principal: Principal): void {
  request[PRINCIPAL] = principal;
}

/** Who sent the request, where that is known. */
export function findPrincipal(request: AuthenticatedRequest): Principal | undefined {
  return request[PRINCIPAL];
}

/**
 * Who sent the request.
 *
 * @throws {MissingTokenError} when the guard has not let it pass, so that a route which lost its guard is closed
 */
export function principalOf(request: AuthenticatedRequest): Principal {
  const principal = request[PRINCIPAL];
  if (!principal) throw new MissingTokenError();
  return principal;
}
