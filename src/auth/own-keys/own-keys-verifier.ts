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
import { type Expectations, verifyJwt } from './verify-jwt.js';

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
    const payload = await this.#verifyWithKeys(token, unverified, {
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

  /** Verifies a token with the keys that may have signed it. Fetches them again if they have no ids to tell by. */
  async #verifyWithKeys(
    token: string,
    unverified: UnverifiedToken,
    expected: Expectations,
  ): Promise<Readonly<Record<string, unknown>>> {
    const [found, known] = await this.keys.find((keys) => {
      const fitting = candidates(keys, unverified);
      return fitting.length === 0 ? undefined : ([fitting, keys] as const);
    });
    try {
      return await verifyJwt(token, found, expected);
    } catch (error) {
      const isNamed = unverified.keyId !== undefined && known.keyIds.includes(unverified.keyId);
      if (isNamed || !(error instanceof InvalidTokenError) || error.reason !== 'bad_signature') throw error;
      // While the issuer is down, the signature is as invalid as with a named key.
      const renewed = await this.keys.renewed().catch(() => known);
      if (renewed.fingerprint === known.fingerprint) throw error;
      return verifyJwt(token, candidates(renewed, unverified), expected);
    }
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
