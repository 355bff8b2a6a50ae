import type { Configuration } from '../../config/configuration.js';
import type { ScopeHierarchy } from '../../oauth/scope-hierarchy.js';
import { InvalidTokenError } from '../auth-errors.js';
import type { ClaimValues } from '../declared-claims.js';
import { Principal } from '../principal.js';
import { readLifetime } from '../token-lifetime.js';

/** Claim names that replace the defaults. */
export type ClaimNames = NonNullable<Configuration['ownKeys']>['claims'];

/** Names that replace none of the defaults. */
export const DEFAULT_NAMES: ClaimNames = {
  subject: undefined,
  client: undefined,
  organization: undefined,
  scopes: undefined,
  roles: undefined,
  permissions: undefined,
};

/** Returns a non-empty string, or undefined for any other value. */
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Returns a list of strings, or one string as a list. Any other value yields an empty list. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : [];
}

/** Returns a list of strings, or the words of one string. */
const wordsOf = (value: unknown): readonly string[] =>
  typeof value === 'string' ? value.split(/[\s,]+/) : textsOf(value);

const distinct = (values: readonly string[]): string[] =>
  [...new Set(values)].filter((value) => value !== '');

/**
 * Converts a payload with a verified signature into a Principal. Issuers use different claim names:
 *
 * - subject: `sub`
 * - client: `client_id` (RFC 9068 §2.2), else `azp`, else the subject, which then calls on its own behalf
 * - organization: `org_id`, else `oid`
 * - scopes: `scope` (RFC 8693 §4.2), `scp` and `scopes` combined, each a list or a string with spaces or commas
 * - roles, permissions: `roles`, `permissions`, each a list or a string that is one name, because names may have spaces
 *
 * @param issuer verified `iss`
 * @param names claim names that replace these defaults
 * @param maxLifetime maximum time between `iat` and `exp`, milliseconds
 * @param clockTolerance time for which the token is accepted after `exp`, milliseconds
 * @param declared claims that the application declares
 * @throws {InvalidTokenError} when the subject, a numeric `iat` or a numeric `exp` is missing, or when the lifetime
 *   exceeds the maximum
 */
export function toPrincipal(
  issuer: string,
  payload: Readonly<Record<string, unknown>>,
  names: ClaimNames,
  maxLifetime: number,
  clockTolerance = 0,
  hierarchy?: ScopeHierarchy,
  declared?: ClaimValues,
): Principal {
  const first = (...claims: readonly string[]): string | undefined =>
    claims.map((claim) => textOf(own(payload, claim))).find((value) => value !== undefined);
  const all = (...claims: readonly string[]): string[] =>
    distinct(claims.flatMap((claim) => textsOf(own(payload, claim))));
  const words = (...claims: readonly string[]): string[] =>
    distinct(claims.flatMap((claim) => wordsOf(own(payload, claim))));

  const subject = first(names.subject ?? 'sub');
  if (subject === undefined) throw new InvalidTokenError('no_subject');
  const { issuedAt, expiresAt } = readLifetime(payload, maxLifetime);
  return new Principal(
    {
      issuer,
      subject,
      clientId: first(...(names.client ? [names.client] : ['client_id', 'azp'])) ?? subject,
      organizationId: first(...(names.organization ? [names.organization] : ['org_id', 'oid'])),
      scopes: words(...(names.scopes ? [names.scopes] : ['scope', 'scp', 'scopes'])),
      roles: all(names.roles ?? 'roles'),
      permissions: all(names.permissions ?? 'permissions'),
      tokenId: first('jti'),
      sessionId: first('sid'),
      issuedAt,
      expiresAt: expiresAt + clockTolerance / 1000,
    },
    hierarchy,
    declared,
  );
}

const own = (payload: Readonly<Record<string, unknown>>, claim: string): unknown =>
  Object.hasOwn(payload, claim) ? payload[claim] : undefined;
