import type { TokenFault } from './token-faults.js';

/** Anchored: jose repeats names from the unverified header within other messages. */
const CLAIM = /^(?:unexpected |missing required )?"(\w+)" claim( timestamp)?/;

/**
 * Returns the fault for jose's message about a claim, such as `"exp" claim timestamp check failed`. Scalekit's SDK
 * passes on only the message of the error.
 *
 * @returns undefined if the message is not about one of the registered claims that jose validates
 */
export function claimFault(message: string): TokenFault | undefined {
  const [, claim = '', timestamp] = CLAIM.exec(message) ?? [];
  switch (claim) {
    case 'iss':
      return 'wrong_issuer';
    case 'aud':
      return 'wrong_audience';
    case 'iat':
      return 'no_issue_time';
    case 'exp':
      return timestamp ? 'expired' : 'no_expiry';
    case 'nbf':
      return timestamp ? 'not_yet_valid' : 'invalid_claim';
    default:
      return undefined;
  }
}
