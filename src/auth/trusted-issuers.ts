import { InvalidTokenError } from './auth-errors.js';
import { asStep, VERIFY_TOKEN } from '../logging/steps.js';
import type { IssuerVerifier } from './issuer-verifier.js';
import type { Principal } from './principal.js';
import type { TokenVerifier } from './token-verifier.js';
import { readUnverifiedToken } from './unverified-token.js';
import type { VerifiedTokens } from './verified-tokens.js';

/**
 * Selects the verifier of each token by its issuer and caches verified tokens. It never tries several verifiers,
 * because a key is trusted only for the issuers that it is configured for.
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
    return this.verified.recall(token) ?? asStep(VERIFY_TOKEN, () => this.#verifyAndRemember(token));
  }

  async #verifyAndRemember(token: string): Promise<Principal> {
    const unverified = readUnverifiedToken(token);
    const { issuer } = unverified;
    const verifier = issuer === undefined ? undefined : this.#verifiers.get(issuer);
    if (issuer === undefined || !verifier) {
      throw new InvalidTokenError('wrong_issuer');
    }
    // Do not cache the token if the keys changed during its verification.
    const { generation } = this.verified;
    const principal = await verifier.verify(token, { ...unverified, issuer });
    if (generation === this.verified.generation) this.verified.remember(token, principal);
    return principal;
  }
}
