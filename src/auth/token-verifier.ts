import type { Principal } from './principal.js';

/** Decides whether an access token holds. Also the injection token of the verifier in use. */
export abstract class TokenVerifier {
  /**
   * @param token the compact serialization of a JWT
   * @returns at once where it was verified a short while ago
   * @throws {InvalidTokenError} when the token does not hold
   * @throws {ServiceUnavailableError} when that cannot be told now
   */
  abstract verify(token: string): Principal | Promise<Principal>;
}
