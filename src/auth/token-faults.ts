import type { Reason } from '../logging/reason.js';

/** What can be wrong with a token. */
interface Fault {
  /** For the caller; fixed words, never anything from a token. */
  readonly description: string;
  /** Whether the issuer signed the token: claims are read only once the signature holds. */
  readonly isAuthentic: boolean;
}

/** Faults of a token, by their reason in the log. */
export const TOKEN_FAULTS = {
  malformed: { description: 'The access token is not a JWT.', isAuthentic: false },
  wrong_algorithm: {
    description: 'The access token is signed with an algorithm that is not accepted here.',
    isAuthentic: false,
  },
  unknown_key: {
    description: 'The access token is signed with a key that its issuer does not publish.',
    isAuthentic: false,
  },
  bad_signature: { description: 'The signature of the access token does not hold.', isAuthentic: false },
  // The issuer decides which keys a token is verified with, so it is read first.
  wrong_issuer: { description: 'The access token is from another issuer.', isAuthentic: false },
  wrong_audience: { description: 'The access token is for another audience.', isAuthentic: true },
  wrong_type: { description: 'The token is of another type than an access token.', isAuthentic: true },
  expired: { description: 'The access token has expired.', isAuthentic: true },
  not_yet_valid: { description: 'The access token is not valid yet.', isAuthentic: true },
  issued_in_future: {
    description: 'The access token says that it was issued in the future.',
    isAuthentic: true,
  },
  lives_too_long: { description: 'The access token lives longer than is accepted here.', isAuthentic: true },
  no_expiry: { description: 'The access token has no expiry.', isAuthentic: true },
  no_issue_time: { description: 'The access token does not say when it was issued.', isAuthentic: true },
  no_subject: { description: 'The access token names no subject.', isAuthentic: true },
  invalid_claim: { description: 'The access token is not valid.', isAuthentic: true },
  revoked: { description: 'The access token has been revoked.', isAuthentic: true },
} as const satisfies Partial<Record<Reason, Fault>>;

export type TokenFault = keyof typeof TOKEN_FAULTS;
