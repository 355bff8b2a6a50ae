import { InvalidTokenError } from './auth-errors.js';
import type { IssuerVerifier } from './issuer-verifier.js';
import type { Principal } from './principal.js';
import type { TokenVerifier } from './token-verifier.js';
import { readUnverifiedToken } from './unverified-token.js';
import type { VerifiedTokens } from './verified-tokens.js';

/**
 * Has each token verified by the one verifier that its issuer belongs to, and remembers the outcome for a while.
 * By the issuer and never by trial: a key vouches for the issuers that it is configured for, and for no others.
 */
export class TrustedIssuers implements TokenVerifier {
  readonly #verifiers: ReadonlyMap<string, IssuerVerifier>;

  constructor(
    verifiers: readonly IssuerVerifier[],
    private readonly verified: VerifiedTokens,
  ) {
    this.#verifiers = new Map(
      verifiers.flatMap((verifier) => verifier.issuers.map((issuer) => [issuer, verifier])),
    );
  }

  verify(token: string): Principal | Promise<Principal> {
    return this.verified.recall(token) ?? this.#verifyAndRemember(token);
  }

  async #verifyAndRemember(token: string): Promise<Principal> {
    const unverified = readUnverifiedToken(token);
    const { issuer } = unverified;
    const verifier = issuer === undefined ? undefined : this.#verifiers.get(issuer);
    if (issuer === undefined || !verifier) {
      throw new InvalidTokenError('wrong_issuer');
    }
    // Keys that change meanwhile may have made way for those that the token was verified with.
    const { generation } = this.verified;
    const principal = await verifier.verify(token, { ...unverified, issuer });
    if (generation === this.verified.generation) this.verified.remember(token, principal);
    return principal;
  }
}
