import { SIGN_IN_ONLY as OIDC_SCOPES } from '../oauth/sign-in-scopes.js';
import type { DemoUser } from './users.js';

export { SIGN_IN_ONLY as OIDC_SCOPES } from '../oauth/sign-in-scopes.js';

/** Splits a `scope` value (RFC 6749 §3.3) into its scopes, each once, in the order given. */
export function parseScope(scope: unknown): string[] {
  return typeof scope === 'string' ? [...new Set(scope.split(' ').filter(Boolean))] : [];
}

/** Whether a user may have a scope. Everybody may have OpenID Connect's scopes, which concern the user's own data. */
export function userMayHave(user: DemoUser, scope: string): boolean {
  return OIDC_SCOPES.includes(scope) || user.mayHave(scope);
}

/** Requested scopes that a user is granted or refused. */
export interface ScopeDecision {
  readonly granted: readonly string[];
  readonly refused: readonly string[];
}

/**
 * Splits the requested scopes into granted and refused. Scopes unknown to both the resource and OpenID Connect appear in
 * neither list: the authorization server may ignore them (RFC 6749 §3.3).
 */
export function decideScopes(
  requested: readonly string[],
  user: DemoUser,
  resourceScopes: readonly string[],
): ScopeDecision {
  const known = requested.filter((scope) => OIDC_SCOPES.includes(scope) || resourceScopes.includes(scope));
  return {
    granted: known.filter((scope) => userMayHave(user, scope)),
    refused: known.filter((scope) => !userMayHave(user, scope)),
  };
}
