import type { Principal } from './principal.js';
import type { SigningKeysStatus } from './signing-keys/key-source.js';
import type { UnverifiedToken } from './unverified-token.js';

/** Verifies the tokens of certain issuers. */
export interface IssuerVerifier {
  /** Accepted `iss` values (RFC 7519 §4.1.1), compared exactly. */
  readonly issuers: readonly string[];
  /** Status of fetched keys; undefined if the keys are configured. */
  readonly signingKeys: SigningKeysStatus | undefined;
  /**
   * Verifies a token.
   *
   * @param unverified unverified header and claims of the token; its issuer is one of `issuers`
   * @throws {InvalidTokenError} when the token is invalid
   * @throws {InsufficientScopeError} when the token lacks a scope that all tokens of the issuer need
   * @throws {ServiceUnavailableError} when the token cannot be verified at the moment
   */
  verify(token: string, unverified: UnverifiedToken & { readonly issuer: string }): Promise<Principal>;
}
