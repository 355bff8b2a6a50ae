import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';

import { listen } from '../src/values/listen.js';

/** Audience of every token, and resource URL of the server under test. */
export const AUDIENCE = 'https://mcp.example.com/mcp';
/** Scope that every benchmark tool needs. */
export const SCOPE = 'bench:call';
const SCOPES = [SCOPE, 'todo:read'];

/** Signs the tokens of a run and publishes the key like Scalekit, at `{url}/keys`. */
export interface Issuer {
  readonly url: string;
  /** PEM. */
  readonly publicKey: string;
  /** Signs a new token (RS256, 2048-bit key) that is valid for longer than any run. */
  sign(): Promise<string>;
  /** Signs further tokens with a new key, and returns that key as PEM. */
  rotate(): Promise<string>;
  close(): void;
}

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await newKey();
  let signingKey = privateKey;
  const header = { alg: 'RS256', kid: 'snk_100000000000000001', typ: 'JWT' };
  const answers = new Map<string, object>([
    ['/keys', { keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] }],
    // Accepts traces and metrics, as a collector does.
    ['/v1/traces', {}],
    ['/v1/metrics', {}],
    // Scalekit's Python client signs in when it is created.
    ['/oauth/token', { access_token: 'unused', token_type: 'Bearer', expires_in: 3600 }],
  ]);
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    response
      .writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return {
    url,
    publicKey: await exportSPKI(publicKey),
    sign: () =>
      new SignJWT({
        client_id: 'm2m_1',
        oid: 'org_1',
        scope: SCOPES.join(' '),
        scopes: SCOPES,
        roles: ['member'],
      })
        .setProtectedHeader(header)
        .setIssuer(url)
        .setAudience(AUDIENCE)
        .setSubject('usr_1')
        .setJti(`tkn_${randomUUID()}`)
        .setIssuedAt()
        .setExpirationTime('12h')
        .sign(signingKey),
    rotate: async () => {
      const next = await newKey();
      signingKey = next.privateKey;
      return exportSPKI(next.publicKey);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const newKey = (): ReturnType<typeof generateKeyPair> =>
  generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
