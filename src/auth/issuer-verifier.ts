import type { Principal } from './principal.js';
import type { SigningKeysStatus } from './signing-keys/signing-keys.js';
import type { UnverifiedToken } from './unverified-token.js';

/** Decides whether the tokens of certain issuers hold. */
export interface IssuerVerifier {
  /** What its tokens have as `iss` (RFC 7519 §4.1.1), each compared as a whole. */
  readonly issuers: readonly string[];
  /** Undefined where the keys are configured and never fetched. */
  readonly signingKeys: SigningKeysStatus | undefined;
  /**
   * @param unverified what the token says of itself; its issuer is one of `issuers`
   * @throws {InvalidTokenError} when the token does not hold
   * @throws {InsufficientScopeError} when it lacks what all such tokens need
   * @throws {ServiceUnavailableError} when that cannot be told now
   */
  verify(token: string, unverified: UnverifiedToken & { readonly issuer: string }): Promise<Principal>;
}
