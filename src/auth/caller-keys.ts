import { hash } from 'node:crypto';

import type { Principal } from './principal.js';

/**
 * Names of a caller wherever something is counted or kept for it. Each name is a digest: its length does not depend
 * on the claims, no claim can imitate another, and no personal data reaches Redis.
 */
export interface CallerKeys {
  /** One subject of one organization of one issuer, through any client: budgets and places. */
  readonly caller: string;
  /** One organization of one issuer; undefined for a caller without an organization. */
  readonly organization: string | undefined;
  /** One caller through one client: sessions, and the rounds of a call. */
  readonly client: string;
}

const known = new WeakMap<Principal, CallerKeys>();

/**
 * Names a caller. Subjects and organizations are unique within their issuer only, and a subject within its
 * organization: `admin` of one organization is not `admin` of another.
 *
 * Computes the names once for each Principal, which is remembered with its token.
 */
export function callerKeysOf(principal: Principal): CallerKeys {
  let keys = known.get(principal);
  if (!keys) known.set(principal, (keys = compute(principal)));
  return keys;
}

function compute({ issuer, organizationId, subject, clientId }: Principal): CallerKeys {
  return {
    caller: keyOf('caller', issuer, organizationId, subject),
    organization: organizationId === undefined ? undefined : keyOf('organization', issuer, organizationId),
    client: keyOf('client', issuer, organizationId, subject, clientId),
  };
}

/** JSON keeps the parts apart, and a missing part (`null`) from the text "null". */
const keyOf = (kind: keyof CallerKeys, ...parts: readonly (string | undefined)[]): string =>
  `${kind}:${hash('sha256', JSON.stringify(parts), 'base64url')}`;
