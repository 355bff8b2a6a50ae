import type { Configuration } from '../../config/configuration.js';
import type { ScopeHierarchy } from '../../config/scope-hierarchy.js';
import { InvalidTokenError } from '../auth-errors.js';
import { Principal } from '../principal.js';
import { readLifetime } from '../token-lifetime.js';

/** Which claims to read instead of the usual ones. */
export type ClaimNames = NonNullable<Configuration['jwt']>['claims'];

/** A text that is not empty; whatever else is as good as nothing. */
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A list of texts, or the words of a text; whatever else is as good as nothing. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(/[\s,]+/);
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : [];
}

/**
 * The Principal of a payload whose signature holds. Other issuers name the same things differently:
 *
 * - subject: `sub`
 * - client: `client_id` (RFC 9068 §2.2), else `azp`, else the subject, which then calls in its own name
 * - organisation: `org_id`, else `oid`
 * - scopes: `scope` (RFC 8693 §4.2), `scp` and `scopes` together, each a list or a text with spaces or commas
 * - roles, permissions: `roles`, `permissions`
 *
 * @param issuer `iss`, verified
 * @param names the claims that are read in place of these
 * @param maxLifetime longest time between `iat` and `exp`, milliseconds
 * @throws {InvalidTokenError} without a subject, a numeric time of issue or a numeric expiry, or when the token
 *   lives too long
 */
export function toPrincipal(
  issuer: string,
  payload: Readonly<Record<string, unknown>>,
  names: ClaimNames,
  maxLifetime: number,
  hierarchy?: ScopeHierarchy,
): Principal {
  const first = (...claims: readonly string[]): string | undefined =>
    claims.map((claim) => textOf(own(payload, claim))).find((value) => value !== undefined);
  const all = (...claims: readonly string[]): string[] => {
    const values = claims.flatMap((claim) => textsOf(own(payload, claim)));
    return [...new Set(values)].filter((value) => value !== '');
  };

  const subject = first(names.subject ?? 'sub');
  if (subject === undefined) throw new InvalidTokenError('no_subject');
  return new Principal(
    {
      issuer,
      subject,
      clientId: first(...(names.client ? [names.client] : ['client_id', 'azp'])) ?? subject,
      organizationId: first(...(names.organization ? [names.organization] : ['org_id', 'oid'])),
      scopes: all(...(names.scopes ? [names.scopes] : ['scope', 'scp', 'scopes'])),
      roles: all(names.roles ?? 'roles'),
      permissions: all(names.permissions ?? 'permissions'),
      tokenId: first('jti'),
      sessionId: first('sid'),
      ...readLifetime(payload, maxLifetime),
    },
    hierarchy,
  );
}

const own = (payload: Readonly<Record<string, unknown>>, claim: string): unknown =>
  Object.hasOwn(payload, claim) ? payload[claim] : undefined;
