import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';

import { type JWTPayload, SignJWT } from 'jose';

import { type Aerie, type AerieOptions, startAerie } from './aerie.js';
import { secret } from './log.js';

/** Settings of Scalekit's mode, which this mode would ignore. */
const NO_SCALEKIT = { SK_ENV_URL: '', SK_CLIENT_SECRET: '', MCP_SERVER_ID: '' };
export const ISSUER = 'http://localhost:8000';

type Kind = 'rsa' | 'P-256' | 'P-384' | 'P-521' | 'ed25519';
const ALGORITHMS: Readonly<Record<Kind, string>> = {
  rsa: 'RS256',
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  ed25519: 'EdDSA',
};

/** Key pair that signs tokens. Omits undefined claims and header members. */
export class OwnKey {
  readonly #pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly #algorithm: string;

  constructor(kind: Kind = 'rsa') {
    this.#algorithm = ALGORITHMS[kind];
    if (kind === 'rsa') this.#pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    else if (kind === 'ed25519') this.#pair = generateKeyPairSync('ed25519');
    else this.#pair = generateKeyPairSync('ec', { namedCurve: kind });
  }

  get pem(): string {
    return this.#pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  jwk(further: object = {}): object {
    return { ...this.#pair.publicKey.export({ format: 'jwk' }), ...further };
  }

  sign(claims: JWTPayload, header: object = {}): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: this.#algorithm, typ: 'JWT', ...header })
      .sign(this.#pair.privateKey)
      .then(secret);
  }
}

/** Creates an invalid token: HS256 with this secret, or without a signature. */
export function forge(header: object, claims: object, key?: string): string {
  const content = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = key === undefined ? '' : createHmac('sha256', key).update(content).digest('base64url');
  return `${content}.${signature}`;
}

/** Claims of a valid token for a server. */
export function claimsFor(aerie: Pick<Aerie, 'url'>, further: Record<string, unknown> = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: aerie.url, sub: 'client-a@example.com', iat: now, exp: now + 600, ...further };
}

/** Starts a server that trusts only own keys. */
export function startWithOwnKeys(
  environment: NodeJS.ProcessEnv,
  options: Omit<AerieOptions, 'environment'> = {},
): Promise<Aerie> {
  return startAerie({
    ...options,
    environment: { ...NO_SCALEKIT, AUTH_MODE: 'jwt', JWT_ISSUER: ISSUER, ...environment },
  });
}
