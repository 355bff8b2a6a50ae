import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';

import { SignJWT } from 'jose';

import { type VerificationKeys, verificationKeys } from '../auth/own-keys/verification-keys.js';
import type { DevIssuer } from '../dev-issuer/dev-issuer.js';
import { readPublicKeys } from '../oauth/public-keys.js';
import { claimsOf, type TestCaller } from './test-caller.js';

/** `iss` of the tokens of a test, unless it has an issuer of its own. */
export const TEST_ISSUER = 'https://issuer.test';

/** Authorization server of a test. */
export interface TestIssuer {
  /** Replaces the signing key. Tokens of the old key are refused once the application has fetched the new one. */
  rotateKeys(): Promise<void>;
  /** Lets every request for keys fail, until {@link comeBack}. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Issuer that an {@link AerieTest} starts, configures and ends. */
export interface ConfiguredIssuer extends TestIssuer {
  /** Variables of an application that trusts the issuer. */
  readonly variables: Readonly<Record<string, string>>;
  /** @param audience URL of the endpoint */
  sign(caller: TestCaller, audience: string): Promise<string>;
  close(): Promise<void>;
}

/** Key pair that signs tokens. */
class TestKey {
  readonly #id = randomUUID();
  readonly #pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } =
    generateKeyPairSync('ed25519');

  /** Public key as a JWK. */
  get jwk(): string {
    const jwk = this.#pair.publicKey.export({ format: 'jwk' });
    return JSON.stringify({ ...jwk, kid: this.#id, alg: 'EdDSA', use: 'sig' });
  }

  sign(caller: TestCaller, audience: string): Promise<string> {
    return new SignJWT(claimsOf(caller))
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: this.#id })
      .setIssuer(TEST_ISSUER)
      .setAudience(audience)
      .sign(this.#pair.privateKey);
  }
}

/** Signs a token with a key that no application knows. */
export const foreignToken = (caller: TestCaller, audience: string): Promise<string> =>
  new TestKey().sign(caller, audience);

/** Issuer without a port: the application gets the keys from its memory. */
export class MemoryIssuer implements ConfiguredIssuer {
  #key = new TestKey();
  #isDown = false;

  readonly variables: ConfiguredIssuer['variables'];

  /** @param isFetched whether the application fetches the keys by {@link fetchKeys}; otherwise they are configured */
  constructor(private readonly isFetched: boolean) {
    this.variables = {
      AUTH_MODE: 'jwt',
      JWT_ISSUER: TEST_ISSUER,
      ...(isFetched ? { JWT_JWKS_URI: `${TEST_ISSUER}/jwks` } : { JWT_PUBLIC_KEY: this.#key.jwk }),
    };
  }

  sign(caller: TestCaller, audience: string): Promise<string> {
    return this.#key.sign(caller, audience);
  }

  /** Returns the current keys, as a request for a JWK Set would. */
  async fetchKeys(): Promise<VerificationKeys> {
    if (this.#isDown) throw new Error('The issuer of the test is down.');
    return verificationKeys(readPublicKeys(this.#key.jwk).keys);
  }

  async rotateKeys(): Promise<void> {
    this.#requireFetched();
    this.#key = new TestKey();
  }

  async goDown(): Promise<void> {
    this.#requireFetched();
    this.#isDown = true;
  }

  async comeBack(): Promise<void> {
    this.#isDown = false;
  }

  async close(): Promise<void> {}

  #requireFetched(): void {
    if (this.isFetched) return;
    throw new Error(
      'The keys of this issuer are configured, so they cannot fail. Start one of "aerie-mcp/dev-issuer" with the option "issuer".',
    );
  }
}

/**
 * Adapts the embedded issuer, which the application trusts as it trusts Scalekit.
 *
 * @param resourceUrl URL of the endpoint that the issuer knows, at which clients can sign in
 */
export function scalekitIssuer(issuer: DevIssuer, resourceUrl: string): ConfiguredIssuer {
  return {
    variables: { SK_ENV_URL: issuer.url, MCP_SERVER_ID: issuer.resourceId },
    sign: (caller, audience) => {
      const { org_id: oid, ...claims } = claimsOf(caller);
      const aud = audience === resourceUrl ? undefined : { aud: audience };
      return issuer.signAccessToken({
        claims: { oid, scopes: undefined, nbf: claims['iat'], ...aud, ...claims },
      });
    },
    rotateKeys: () => issuer.rotateKeys(),
    goDown: () => issuer.goDown(),
    comeBack: () => issuer.comeBack(),
    close: () => issuer.close(),
  };
}
