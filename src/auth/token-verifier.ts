import type { Principal } from './principal.js';

/** Verifies access tokens. Also serves as injection token of the verifier in use. */
export abstract class TokenVerifier {
  /**
   * Verifies a token.
   *
   * @param token compact serialization of a JWT
   * @returns the Principal, synchronously if the token is cached
   * @throws {InvalidTokenError} when the token is invalid
   * @throws {ServiceUnavailableError} when the token cannot be verified at the moment
   */
  abstract verify(token: string): Principal | Promise<Principal>;
}
