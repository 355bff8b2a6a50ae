import { Logger } from '@nestjs/common';
import { ScalekitValidateTokenFailureException } from '@scalekit-sdk/node';

import type { Configuration } from '../../config/configuration.js';
import { messageOf } from '../../values/trace-of.js';
import { InvalidTokenError, IssuerUnavailableError } from '../auth-errors.js';
import { DeclaredClaims } from '../declared-claims.js';
import { KeyedVerifier } from '../keyed-verifier.js';
import type { Principal } from '../principal.js';
import { issuerKeys } from '../signing-keys/issuer-keys.js';
import type { SigningKeys } from '../signing-keys/signing-keys.js';
import { requireAccessTokenType } from '../token-type.js';
import type { UnverifiedToken } from '../unverified-token.js';
import type { VerifiedTokens } from '../verified-tokens.js';
import { toPrincipal } from './access-token-claims.js';
import { verifyEarly } from './early-token.js';
import { type LoadedClient, loadScalekitKeys } from './scalekit-keys.js';
import { toInvalidToken } from './validation-failure.js';

/**
 * Verifies access tokens with Scalekit's SDK and adds checks that the SDK lacks: a single algorithm, the token type,
 * both of Scalekit's issuers, a required expiry and a maximum lifetime. It also shares, refreshes and rotates the keys.
 */
export class ScalekitService extends KeyedVerifier<SigningKeys<LoadedClient>> {
  readonly issuers: readonly string[];
  readonly #logger: Logger;

  constructor(
    private readonly scalekit: NonNullable<Configuration['scalekit']>,
    private readonly configuration: Pick<
      Configuration,
      'signingKeys' | 'maxTokenLifetime' | 'scopeHierarchy'
    >,
    verified: VerifiedTokens,
    private readonly declared = new DeclaredClaims(),
  ) {
    const { environmentUrl, clientId, clientSecret } = scalekit;
    const logger = new Logger(ScalekitService.name);
    const load = (): Promise<LoadedClient> => loadScalekitKeys(environmentUrl, clientId, clientSecret);
    super(issuerKeys(load, configuration, verified, logger));
    this.#logger = logger;
    this.issuers = scalekit.issuers;
  }

  async verify(
    token: string,
    { algorithm, keyId, type, issuer }: UnverifiedToken & { readonly issuer: string },
  ): Promise<Principal> {
    if (algorithm !== 'RS256') {
      throw new InvalidTokenError('wrong_algorithm', 'The access token is not signed with RS256.');
    }
    const keys = await this.keys.find((known) =>
      keyId === undefined || known.keyIds.includes(keyId) ? known : undefined,
    );
    const claims = await this.#validate(token, keys, issuer);
    requireAccessTokenType(type);
    const { maxTokenLifetime, scopeHierarchy } = this.configuration;
    return toPrincipal(
      this.scalekit.environmentUrl,
      claims,
      maxTokenLifetime,
      scopeHierarchy,
      await this.declared.read(claims),
    );
  }

  async #validate(token: string, { client, keys }: LoadedClient, issuer: string): Promise<unknown> {
    const expected = { issuer, audience: [...this.scalekit.audiences] };
    try {
      return await client.validateToken<object>(token, expected);
    } catch (error) {
      if (error instanceof ScalekitValidateTokenFailureException) {
        const invalid = toInvalidToken(error);
        const early =
          invalid.reason === 'not_yet_valid' ? await verifyEarly(token, keys, expected) : undefined;
        if (early) return early;
        throw invalid;
      }
      // Any other error says nothing about the token. The client is no longer usable.
      this.#logger.error(`Scalekit's SDK failed: ${messageOf(error)}`);
      await this.keys.renewed();
      throw new IssuerUnavailableError(1);
    }
  }
}
