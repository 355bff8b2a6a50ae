import { MissingTokenError } from './auth-errors.js';
import type { Principal } from './principal.js';
import type { ProtectedResource } from './protected-resource.js';

const PRINCIPAL = Symbol('principal');
const CHALLENGER = Symbol('challenger');

/** Request with the Principal of the caller, stored under a symbol because no client can set one. */
export interface AuthenticatedRequest {
  [PRINCIPAL]?: Principal;
  [CHALLENGER]?: Challenger;
}

/** Resource whose guard has refused a request. */
type Challenger = Pick<ProtectedResource, 'challengeFor'>;

export function setPrincipal(request: AuthenticatedRequest, principal: Principal): void {
  request[PRINCIPAL] = principal;
}

/** Keeps the resource that the client needs a token for, because an application may have several endpoints. */
export function setChallenger(request: AuthenticatedRequest, challenger: Challenger): void {
  request[CHALLENGER] = challenger;
}

export const challengerOf = (request: AuthenticatedRequest): Challenger | undefined => request[CHALLENGER];

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
