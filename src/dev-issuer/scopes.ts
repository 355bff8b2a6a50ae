import type { DemoUser } from './users.js';

/** Scopes that belong to OpenID Connect (Core §5.4, §11) rather than to the protected resource. */
export const OIDC_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/** Splits a `scope` value (RFC 6749 §3.3) into its scopes, each once, in the order given. */
export function parseScope(scope: unknown): string[] {
  return typeof scope === 'string' ? [...new Set(scope.split(' ').filter(Boolean))] : [];
}

/** Whether a user may have a scope: OpenID Connect's are about the user's own data, so everybody may. */
export function userMayHave(user: DemoUser, scope: string): boolean {
  return OIDC_SCOPES.includes(scope) || user.mayHave(scope);
}

/** What one user would get of a request. */
export interface ScopeDecision {
  readonly granted: readonly string[];
  readonly refused: readonly string[];
}

/**
 * Divides the requested scopes by what the user may have. Scopes that neither the resource nor OpenID Connect
 * knows appear in neither list: the authorization server may ignore them (RFC 6749 §3.3).
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
