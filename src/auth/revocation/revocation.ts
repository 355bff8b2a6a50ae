import { z } from 'zod';

import type { Principal } from '../principal.js';

/** Field of the {@link Principal} that each kind of revocation matches. */
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

/** Selects the tokens that a revocation covers. */
export interface Selector {
  readonly what: (typeof KINDS)[number];
  /** `jti`, `sub`, `client_id` or `oid` of the tokens. */
  readonly id: string;
  /** Restricts the selection to this organization; undefined for tokens with any organization or none. */
  readonly organization?: string | undefined;
  /** Restricts the selection to this `issuer` of the {@link Principal}; undefined for any issuer. */
  readonly issuer?: string | undefined;
}

/** Revocation of a set of tokens. All times are milliseconds since the epoch. */
export interface Revocation extends Selector {
  /** Tokens issued up to this time are rejected as long as the revocation is kept. */
  readonly revokedAt: number;
  /** Newer tokens are rejected too, until this time. */
  readonly barsNewerUntil?: number | undefined;
  /** Who revoked the tokens, for the audit trail. */
  readonly by?: string | undefined;
  /** Time after which the revocation can be dropped, because all revoked tokens have expired. */
  readonly until: number;
}

export const revocationSchema: z.ZodType<Revocation> = z.object({
  what: z.enum(KINDS),
  id: z.string().min(1),
  organization: z.string().min(1).optional(),
  issuer: z.string().min(1).optional(),
  revokedAt: z.number(),
  barsNewerUntil: z.number().optional(),
  by: z.string().optional(),
  until: z.number(),
});

/** Usual margin for the issuer's clock, milliseconds. It also covers that times in tokens are whole seconds. */
export const CLOCK_MARGIN_MS = 60_000;

/**
 * Time for which a token may be accepted after its maximum lifetime has passed since now, milliseconds: it may be issued
 * five minutes ahead, and `JWT_CLOCK_TOLERANCE` is at most five minutes.
 */
const ACCEPTED_LATE_MS = 10 * 60_000;

export interface RevocationTerms {
  /** Maximum lifetime of a token and therefore minimum lifetime of the revocation, milliseconds. */
  readonly maxTokenLifetime: number;
  /** Time during which newer tokens are rejected as well, milliseconds. */
  readonly barNewerFor?: number | undefined;
  /** Time by which the issuer's clock may be ahead of this one, milliseconds. Default: none. */
  readonly clockMargin?: number | undefined;
  /** Who revokes. */
  readonly by?: string | undefined;
}

/** Revokes the tokens issued up to now on the issuer's clock and, during `barNewerFor`, newer tokens too. */
export function revoke(
  selector: Selector,
  { maxTokenLifetime, barNewerFor = 0, clockMargin = 0, by }: RevocationTerms,
  now = Date.now(),
): Revocation {
  const revokedAt = now + clockMargin;
  return {
    ...selector,
    revokedAt,
    ...(barNewerFor > 0 && { barsNewerUntil: now + barNewerFor }),
    ...(by !== undefined && { by }),
    // Older tokens must stay revoked when a short bar on newer tokens ends.
    until: Math.max(revokedAt + maxTokenLifetime + ACCEPTED_LATE_MS, now + barNewerFor),
  };
}

/** Returns a revocation that is kept until tokens of this maximum lifetime, milliseconds, have expired. */
export function keptFor(revocation: Revocation, maxTokenLifetime: number): Revocation {
  const until = revocation.revokedAt + maxTokenLifetime + ACCEPTED_LATE_MS;
  return until > revocation.until ? { ...revocation, until } : revocation;
}

/** Adds a revocation to others, and combines it with the one of the same tokens. */
export function addTo(byKey: Map<string, Revocation>, revocation: Revocation): void {
  const key = keyOf(revocation);
  const known = byKey.get(key);
  byKey.set(key, known ? combine(known, revocation) : revocation);
}

/** Combines two revocations of the same tokens into one that rejects every token that either rejects. */
export function combine(one: Revocation, other: Revocation): Revocation {
  const by = other.by ?? one.by;
  const barsNewerUntil = Math.max(one.barsNewerUntil ?? 0, other.barsNewerUntil ?? 0);
  return {
    ...one,
    revokedAt: Math.max(one.revokedAt, other.revokedAt),
    ...(barsNewerUntil > 0 && { barsNewerUntil }),
    ...(by !== undefined && { by }),
    until: Math.max(one.until, other.until),
  };
}

/**
 * Whether a revocation rejects a token that its selector matches.
 *
 * @param issuedAt `iat` (RFC 7519 §4.1.6), seconds. A token issued in the same second as the revocation may predate
 *   it, so it counts as revoked.
 */
export function ends(revocation: Revocation, issuedAt: number, now: number): boolean {
  if (!isLive(revocation, now)) return false;
  // A token id is never issued again, so times, which clock differences distort, do not matter.
  if (revocation.what === 'token') return true;
  const issuedBefore = Math.floor(issuedAt) <= Math.floor(revocation.revokedAt / 1000);
  return issuedBefore || now < (revocation.barsNewerUntil ?? 0);
}

export const isLive = ({ until }: Revocation, now: number): boolean => now < until;

/** Key that is equal for selectors of the same tokens. */
export const keyOf = ({ what, id, ...restriction }: Selector): string =>
  JSON.stringify([what, id, restrictionOf(restriction)]);

/** Key that is equal for the same restriction. */
export const restrictionOf = ({ organization, issuer }: Pick<Selector, 'organization' | 'issuer'>): string =>
  JSON.stringify([organization, issuer]);
