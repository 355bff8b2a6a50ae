import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';

import { portOf } from './free-port.js';

/** What every token here is for, and what the server under test is told that it is. */
export const AUDIENCE = 'https://mcp.example.com/mcp';
/** What every benched tool needs. */
export const SCOPE = 'bench:call';

/** Signs the tokens of a run, and publishes the key where Scalekit would: `{url}/keys`. */
export interface Issuer {
  readonly url: string;
  /** PEM. */
  readonly publicKey: string;
  /** A new token, valid for an hour, RS256 with a key of 2048 bits. */
  sign(): Promise<string>;
  close(): void;
}

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', {
    modulusLength: 2048,
    extractable: true,
  });
  const header = { alg: 'RS256', kid: 'snk_100000000000000001', typ: 'JWT' };
  const answers = new Map<string, object>([
    ['/keys', { keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] }],
    // Scalekit's client for Python signs in when it is made.
    ['/oauth/token', { access_token: 'unused', token_type: 'Bearer', expires_in: 3600 }],
  ]);
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    response
      .writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${portOf(server)}`;
  return {
    url,
    publicKey: await exportSPKI(publicKey),
    sign: () =>
      new SignJWT({ client_id: 'm2m_1', oid: 'org_1', scope: SCOPE, scopes: [SCOPE], roles: ['member'] })
        .setProtectedHeader(header)
        .setIssuer(url)
        .setAudience(AUDIENCE)
        .setSubject('usr_1')
        .setJti(`tkn_${randomUUID()}`)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
