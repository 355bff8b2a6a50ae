import type { Reason } from '../logging/reason.js';

/** Reason why a token is invalid. */
interface Fault {
  /** Text for the caller; must not contain anything from a token. */
  readonly description: string;
  /** Whether the issuer signed the token. Claims are read only after the signature is verified. */
  readonly isAuthentic: boolean;
}

/** Token faults by their reason code in the log. */
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
  bad_signature: { description: 'The signature of the access token is invalid.', isAuthentic: false },
  // The issuer determines the verification keys, so it is read before the signature is verified.
  wrong_issuer: { description: 'The access token is from another issuer.', isAuthentic: false },
  wrong_audience: { description: 'The access token is for another audience.', isAuthentic: true },
  wrong_type: { description: 'The token is not an access token.', isAuthentic: true },
  expired: { description: 'The access token has expired.', isAuthentic: true },
  not_yet_valid: { description: 'The access token is not valid yet.', isAuthentic: true },
  issued_in_future: {
    description: 'The access token was issued in the future.',
    isAuthentic: true,
  },
  lives_too_long: { description: 'The lifetime of the access token exceeds the maximum.', isAuthentic: true },
  no_expiry: { description: 'The access token has no expiry.', isAuthentic: true },
  no_issue_time: { description: 'The access token has no issue time.', isAuthentic: true },
  no_subject: { description: 'The access token has no subject.', isAuthentic: true },
  invalid_claim: { description: 'The access token is not valid.', isAuthentic: true },
  wrong_claim: { description: 'A claim of the access token has an unexpected value.', isAuthentic: true },
  revoked: { description: 'The access token has been revoked.', isAuthentic: true },
} as const satisfies Partial<Record<Reason, Fault>>;

export type TokenFault = keyof typeof TOKEN_FAULTS;
