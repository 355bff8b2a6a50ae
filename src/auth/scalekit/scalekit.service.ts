import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ScalekitValidateTokenFailureException } from '@scalekit-sdk/node';

import type { Configuration } from '../../config/configuration.js';
import type { ScopeHierarchy } from '../../oauth/scope-hierarchy.js';
import { InvalidTokenError, IssuerUnavailableError } from '../auth-errors.js';
import type { IssuerVerifier } from '../issuer-verifier.js';
import type { Principal } from '../principal.js';
import { SigningKeys, type SigningKeysStatus } from '../signing-keys/signing-keys.js';
import { requireAccessTokenType } from '../token-type.js';
import type { UnverifiedToken } from '../unverified-token.js';
import type { VerifiedTokens } from '../verified-tokens.js';
import { toPrincipal } from './access-token-claims.js';
import { LOAD_TIMEOUT_MS, type LoadedClient, loadScalekitKeys } from './scalekit-keys.js';
import { toInvalidToken } from './validation-failure.js';

/**
 * Verifies access tokens with Scalekit's SDK and adds checks that the SDK lacks: a single algorithm, the token type,
 * both of Scalekit's issuers, a required expiry and a maximum lifetime. It also shares, refreshes and rotates the keys.
 */
export class ScalekitService implements IssuerVerifier, OnApplicationBootstrap, OnApplicationShutdown {
  readonly issuers: readonly string[];
  readonly #logger = new Logger(ScalekitService.name);
  readonly #keys: SigningKeys<LoadedClient>;
  readonly #environmentUrl: string;
  readonly #audiences: string[];
  readonly #maxTokenLifetime: number;
  readonly #scopeHierarchy: ScopeHierarchy;

  constructor(
    scalekit: NonNullable<Configuration['scalekit']>,
    {
      signingKeys,
      maxTokenLifetime,
      scopeHierarchy,
    }: Pick<Configuration, 'signingKeys' | 'maxTokenLifetime' | 'scopeHierarchy'>,
    verified: VerifiedTokens,
  ) {
    this.#keys = new SigningKeys({
      ...signingKeys,
      loadTimeout: LOAD_TIMEOUT_MS,
      load: () => loadScalekitKeys(scalekit.environmentUrl, scalekit.clientId, scalekit.clientSecret),
      onChange: () => verified.clear(),
      onFailure: (error) => this.#logger.warn(`${messageOf(error)} Retrying shortly.`),
    });
    this.issuers = scalekit.issuers;
    this.#environmentUrl = scalekit.environmentUrl;
    this.#audiences = [...scalekit.audiences];
    this.#maxTokenLifetime = maxTokenLifetime;
    this.#scopeHierarchy = scopeHierarchy;
  }

  onApplicationBootstrap(): void {
    this.#keys.start();
  }

  onApplicationShutdown(): void {
    this.#keys.stop();
  }

  /** Availability and age of the keys. */
  get signingKeys(): SigningKeysStatus {
    return this.#keys.status;
  }

  async verify(
    token: string,
    { algorithm, keyId, type, issuer }: UnverifiedToken & { readonly issuer: string },
  ): Promise<Principal> {
    if (algorithm !== 'RS256') {
      throw new InvalidTokenError('wrong_algorithm', 'The access token is not signed with RS256.');
    }
    const keys = await this.#keysFor(keyId);
    const claims = await this.#validate(token, keys, issuer);
    requireAccessTokenType(type);
    return toPrincipal(this.#environmentUrl, claims, this.#maxTokenLifetime, this.#scopeHierarchy);
  }

  async #keysFor(keyId: string | undefined): Promise<LoadedClient> {
    const keys = await this.#keys.current();
    if (keyId === undefined || keys.keyIds.includes(keyId)) return keys;
    const renewed = await this.#keys.renewed();
    if (renewed.keyIds.includes(keyId)) return renewed;
    throw new InvalidTokenError('unknown_key');
  }

  async #validate(token: string, keys: LoadedClient, issuer: string): Promise<unknown> {
    try {
      return await keys.client.validateToken<object>(token, { issuer, audience: this.#audiences });
    } catch (error) {
      if (error instanceof ScalekitValidateTokenFailureException) throw toInvalidToken(error);
      // Any other error says nothing about the token. The client is no longer usable.
      this.#logger.error(`Scalekit's SDK failed: ${messageOf(error)}`);
      await this.#keys.renewed();
      throw new IssuerUnavailableError(1);
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
