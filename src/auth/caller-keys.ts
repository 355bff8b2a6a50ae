import { hash } from 'node:crypto';

import type { Principal } from './principal.js';

/**
 * Keys under which limits and state of a caller are stored. Each key is a digest: its length is fixed, no claim can
 * imitate another, and no personal data reaches Redis.
 */
export interface CallerKeys {
  /** Subject within an organization and issuer, through any client; used for rate limits and concurrent calls. */
  readonly caller: string;
  /** Organization within an issuer; undefined for a caller without an organization. */
  readonly organization: string | undefined;
  /** The organization; the caller itself if it has none. Limits and turns of organizations apply to both. */
  readonly group: string;
  /** Caller through one client; used for sessions and multi-round-trip calls. */
  readonly client: string;
}

const known = new WeakMap<Principal, CallerKeys>();

/**
 * Returns the keys of a caller. Organizations are unique within their issuer only, and subjects within their
 * organization: `admin` of one organization is not `admin` of another.
 *
 * Computes the keys once for each Principal, which is cached with its token.
 */
export function callerKeysOf(principal: Principal): CallerKeys {
  let keys = known.get(principal);
  if (!keys) known.set(principal, (keys = compute(principal)));
  return keys;
}

function compute({ issuer, organizationId, subject, clientId }: Principal): CallerKeys {
  const caller = keyOf('caller', issuer, organizationId, subject);
  const organization =
    organizationId === undefined ? undefined : keyOf('organization', issuer, organizationId);
  return {
    caller,
    organization,
    group: organization ?? caller,
    client: keyOf('client', issuer, organizationId, subject, clientId),
  };
}

/** Hashes the parts as JSON, which separates them and distinguishes a missing part (`null`) from the text "null". */
const keyOf = (
  kind: 'caller' | 'organization' | 'client',
  ...parts: readonly (string | undefined)[]
): string => `${kind}:${hash('sha256', JSON.stringify(parts), 'base64url')}`;
