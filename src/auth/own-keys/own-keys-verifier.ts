import { Logger } from '@nestjs/common';

import type { Configuration } from '../../config/configuration.js';
import { InsufficientScopeError, InvalidTokenError } from '../auth-errors.js';
import { DeclaredClaims } from '../declared-claims.js';
import { KeyedVerifier } from '../keyed-verifier.js';
import type { Principal } from '../principal.js';
import { issuerKeys } from '../signing-keys/issuer-keys.js';
import { ConfiguredKeys, type KeySource } from '../signing-keys/key-source.js';
import type { UnverifiedToken } from '../unverified-token.js';
import type { VerifiedTokens } from '../verified-tokens.js';
import { loadKeySet } from './load-key-set.js';
import { toPrincipal } from './own-key-claims.js';
import { candidates, type VerificationKeys, verificationKeys } from './verification-keys.js';
import { verifyJwt } from './verify-jwt.js';

type OwnKeys = NonNullable<Configuration['ownKeys']>;
type LoadKeys = (uri: string) => Promise<VerificationKeys>;
type Rules = Pick<Configuration, 'signingKeys' | 'maxTokenLifetime' | 'scopeHierarchy'>;

/** Verifies tokens signed with the operator's own keys: configured public keys, or a JWK Set that is refreshed. */
export class OwnKeysVerifier extends KeyedVerifier<KeySource<VerificationKeys>> {
  readonly issuers: readonly string[];

  /** @param load fetches the keys at a URL */
  constructor(
    private ownKeys: OwnKeys,
    private readonly configuration: Rules,
    private readonly verified: VerifiedTokens,
    private readonly declared = new DeclaredClaims(),
    load: LoadKeys = loadKeySet,
  ) {
    super(keysOf(ownKeys, configuration, verified, load));
    this.issuers = ownKeys.issuers;
  }

  /**
   * Replaces the configured keys and their algorithms. Tokens of removed keys are rejected from now on.
   *
   * @returns false if the keys come from a URL, before or after
   */
  replaceKeys({ keys, algorithms }: OwnKeys): boolean {
    if (!keys || !(this.keys instanceof ConfiguredKeys)) return false;
    this.keys.replace(verificationKeys(keys));
    this.ownKeys = { ...this.ownKeys, algorithms };
    this.verified.clear();
    return true;
  }

  async verify(token: string, unverified: UnverifiedToken & { readonly issuer: string }): Promise<Principal> {
    const { algorithms, audiences, clockTolerance, claims, requiredScopes } = this.ownKeys;
    // Check the algorithm first, so that a token that can never be valid does not cause a key request.
    if (!algorithms.some((algorithm) => algorithm === unverified.algorithm)) {
      throw new InvalidTokenError('wrong_algorithm');
    }
    const keys = await this.keys.find((known) => {
      const found = candidates(known, unverified);
      return found.length === 0 ? undefined : found;
    });
    const payload = await verifyJwt(token, keys, {
      algorithms: [unverified.algorithm],
      issuers: [unverified.issuer],
      audiences,
      clockTolerance,
    });
    const { maxTokenLifetime, scopeHierarchy } = this.configuration;
    const principal = toPrincipal(
      unverified.issuer,
      payload,
      claims,
      maxTokenLifetime,
      clockTolerance,
      scopeHierarchy,
      await this.declared.read(payload),
    );
    if (!principal.hasScopes(requiredScopes)) throw new InsufficientScopeError(requiredScopes);
    return principal;
  }
}

/** @throws {TypeError} when neither keys nor their URL are configured, which the configuration rules out */
function keysOf(
  { keys, jwksUri }: OwnKeys,
  configuration: Rules,
  verified: VerifiedTokens,
  load: LoadKeys,
): KeySource<VerificationKeys> {
  if (keys) return new ConfiguredKeys(verificationKeys(keys));
  if (jwksUri === undefined) throw new TypeError('Neither keys nor the URL of a JWK Set are configured.');
  return issuerKeys(() => load(jwksUri), configuration, verified, new Logger(OwnKeysVerifier.name));
}
