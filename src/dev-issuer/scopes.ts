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

/** Phrases for the scopes of OpenID Connect, which no tool needs. */
const OIDC_PHRASES: Readonly<Record<string, string>> = {
  openid: 'know who you are',
  profile: 'know your name',
  email: 'know your email address',
  offline_access: 'stay signed in',
};

/** Maximum number of titles in a phrase. */
const MAX_TITLES = 3;

/** Describes what a scope allows, by the tools that need it; undefined if no tool does. */
export function scopePhrase(scope: string, usesOf: (scope: string) => readonly string[]): string | undefined {
  const own = OIDC_PHRASES[scope];
  if (own !== undefined) return own;
  const titles = usesOf(scope);
  if (titles.length === 0) return undefined;
  const shown = titles.slice(0, MAX_TITLES).join(', ');
  return titles.length > MAX_TITLES ? `${shown} and ${titles.length - MAX_TITLES} more` : shown;
}

/** Returns the requested scopes that neither the resource nor OpenID Connect knows. */
export const unknownScopes = (requested: readonly string[], resourceScopes: readonly string[]): string[] =>
  requested.filter((scope) => !OIDC_SCOPES.includes(scope) && !resourceScopes.includes(scope));

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
