import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

import type { Configuration } from '../../config/configuration.js';
import type { PublicJwk } from '../../oauth/public-jwk.js';
import { InsufficientScopeError, InvalidTokenError } from '../auth-errors.js';
import type { IssuerVerifier } from '../issuer-verifier.js';
import type { Principal } from '../principal.js';
import { SigningKeys, type SigningKeysStatus } from '../signing-keys/signing-keys.js';
import type { UnverifiedToken } from '../unverified-token.js';
import type { VerifiedTokens } from '../verified-tokens.js';
import { toPrincipal } from './jwt-claims.js';
import { LOAD_TIMEOUT_MS, loadKeySet } from './load-key-set.js';
import { candidates, type VerificationKeys, verificationKeys } from './verification-keys.js';
import { verifyJwt } from './verify-jwt.js';

type OwnKeys = NonNullable<Configuration['jwt']>;

/** Verifies tokens signed with the operator's own keys: configured public keys, or a JWK Set that is refreshed. */
export class JwtVerifier implements IssuerVerifier, OnApplicationBootstrap, OnApplicationShutdown {
  readonly issuers: readonly string[];
  readonly #logger = new Logger(JwtVerifier.name);
  readonly #configured: Promise<VerificationKeys> | undefined;
  readonly #fetched: SigningKeys<VerificationKeys> | undefined;

  constructor(
    private readonly jwt: OwnKeys,
    private readonly configuration: Pick<
      Configuration,
      'signingKeys' | 'maxTokenLifetime' | 'scopeHierarchy'
    >,
    verified: VerifiedTokens,
  ) {
    this.issuers = jwt.issuers;
    this.#configured = jwt.keys && verificationKeys(jwt.keys);
    this.#fetched = jwt.jwksUri === undefined ? undefined : this.#keysOf(jwt.jwksUri, verified);
  }

  onApplicationBootstrap(): void {
    this.#fetched?.start();
  }

  onApplicationShutdown(): void {
    this.#fetched?.stop();
  }

  get signingKeys(): SigningKeysStatus | undefined {
    return this.#fetched?.status;
  }

  async verify(token: string, unverified: UnverifiedToken & { readonly issuer: string }): Promise<Principal> {
    const { algorithms, audiences, clockTolerance, claims, requiredScopes } = this.jwt;
    // Check the algorithm first, so that a token that can never be valid does not cause a key request.
    if (!algorithms.some((algorithm) => algorithm === unverified.algorithm)) {
      throw new InvalidTokenError('wrong_algorithm');
    }
    const payload = await verifyJwt(token, await this.#keysFor(unverified), {
      algorithms: [unverified.algorithm],
      issuers: [unverified.issuer],
      audiences,
      clockTolerance,
    });
    const { maxTokenLifetime, scopeHierarchy } = this.configuration;
    const principal = toPrincipal(unverified.issuer, payload, claims, maxTokenLifetime, scopeHierarchy);
    if (!principal.hasScopes(requiredScopes)) throw new InsufficientScopeError(requiredScopes);
    return principal;
  }

  async #keysFor(unverified: UnverifiedToken): Promise<readonly PublicJwk[]> {
    const known = await (this.#configured ?? this.#fetched?.current());
    let found = known ? candidates(known, unverified) : [];
    if (found.length === 0 && this.#fetched) found = candidates(await this.#fetched.renewed(), unverified);
    if (found.length > 0) return found;
    throw new InvalidTokenError('unknown_key');
  }

  #keysOf(uri: string, verified: VerifiedTokens): SigningKeys<VerificationKeys> {
    return new SigningKeys({
      ...this.configuration.signingKeys,
      loadTimeout: LOAD_TIMEOUT_MS,
      load: () => loadKeySet(uri),
      onChange: () => verified.clear(),
      onFailure: (error) => {
        const message = error instanceof Error ? error.message : String(error);
        this.#logger.warn(`${message} Retrying shortly.`);
      },
    });
  }
}
