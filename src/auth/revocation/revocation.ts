import { z } from 'zod';

import type { Principal } from '../principal.js';

/** What a revocation can be aimed at, and the field of the {@link Principal} that it looks at. */
export const FIELDS = {
  token: 'tokenId',
  subject: 'subject',
  client: 'clientId',
  organization: 'organizationId',
} as const satisfies Record<string, keyof Principal>;

export const KINDS = [
  'token',
  'subject',
  'client',
  'organization',
] as const satisfies (keyof typeof FIELDS)[];

/** Whose tokens are meant. */
export interface Selector {
  readonly what: (typeof KINDS)[number];
  /** `jti`, `sub`, `client_id` or `oid`, as tokens have it. */
  readonly id: string;
  /** Only tokens of this organization; undefined: of any, or of none. */
  readonly organization?: string | undefined;
  /** Only tokens of this issuer, as a {@link Principal} names it; undefined: of any. */
  readonly issuer?: string | undefined;
}

/** The end of a set of tokens. All times are milliseconds since the epoch. */
export interface Revocation extends Selector {
  /** Tokens issued up to then are refused, for as long as the revocation is kept. */
  readonly revokedAt: number;
  /** Tokens issued later are refused too, until then. */
  readonly barsNewerUntil?: number | undefined;
  /** When the revocation may be forgotten: no token that it ended can still be alive. */
  readonly until: number;
}

export const revocationSchema: z.ZodType<Revocation> = z.object({
  what: z.enum(KINDS),
  id: z.string().min(1),
  organization: z.string().min(1).optional(),
  issuer: z.string().min(1).optional(),
  revokedAt: z.number(),
  barsNewerUntil: z.number().optional(),
  until: z.number(),
});

export interface RevocationTerms {
  /** Longest lifetime of a token, milliseconds: how long the revocation has to be kept. */
  readonly maxTokenLifetime: number;
  /** How long tokens issued from now on are refused as well, milliseconds. */
  readonly barNewerFor?: number | undefined;
}

/** Revokes what was issued up to now, and for a while also what will be issued. */
export function revoke(
  selector: Selector,
  { maxTokenLifetime, barNewerFor = 0 }: RevocationTerms,
  now = Date.now(),
): Revocation {
  return {
    ...selector,
    revokedAt: now,
    ...(barNewerFor > 0 && { barsNewerUntil: now + barNewerFor }),
    // A short bar on newer tokens must not bring the older ones back to life when it ends.
    until: now + Math.max(maxTokenLifetime, barNewerFor),
  };
}

/** Two revocations of the same tokens as one that refuses whatever either refuses. */
export function combine(one: Revocation, other: Revocation): Revocation {
  const barsNewerUntil = Math.max(one.barsNewerUntil ?? 0, other.barsNewerUntil ?? 0);
  return {
    ...one,
    revokedAt: Math.max(one.revokedAt, other.revokedAt),
    ...(barsNewerUntil > 0 && { barsNewerUntil }),
    until: Math.max(one.until, other.until),
  };
}

/**
 * Whether a revocation refuses a token of the right bearer.
 *
 * @param issuedAt `iat` (RFC 7519 §4.1.6), seconds. It has no fractions, so a token of the second in which the
 *   revocation fell may be from before it, and counts as such.
 */
export function ends(revocation: Revocation, issuedAt: number, now: number): boolean {
  if (!isLive(revocation, now)) return false;
  // A token is not issued again, and the clocks of issuer and operator may differ.
  if (revocation.what === 'token') return true;
  const issuedBefore = Math.floor(issuedAt) <= Math.floor(revocation.revokedAt / 1000);
  return issuedBefore || now < (revocation.barsNewerUntil ?? 0);
}

export const isLive = ({ until }: Revocation, now: number): boolean => now < until;

/** Equal for selectors of the same tokens. */
export const keyOf = ({ what, id, ...restriction }: Selector): string =>
  JSON.stringify([what, id, restrictionOf(restriction)]);

/** Equal for the same restriction. */
export const restrictionOf = ({ organization, issuer }: Pick<Selector, 'organization' | 'issuer'>): string =>
  JSON.stringify([organization, issuer]);
