import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { decodeJwt, generateKeyPair, type JWK, SignJWT } from 'jose';

import { Logger } from '@nestjs/common';

import { type Aerie, RESOURCE_ID, startAerie } from './support/aerie.js';
import { ERAS, message, post, toolCall } from './support/rpc.js';

const LIST = message({ method: 'tools/list' });

describe('the answers of the endpoint', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie();
  });
  afterAll(() => aerie.close());

  const challengeOf = (response: Response): string => response.headers.get('www-authenticate') ?? '';
  const metadataUrl = (): string => `${aerie.origin}/.well-known/oauth-protected-resource/mcp`;

  describe('without a token', () => {
    it.each([
      ['none at all', {}],
      ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
    ])('%s is 401 with where to sign in, and no error', async (_what, headers) => {
      const response = await post(aerie.url, undefined, LIST, headers);
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toBe(
        `Bearer realm="mcp", scope="org:read todo:read usr:read", resource_metadata="${metadataUrl()}"`,
      );
      expect(await response.json()).toEqual({
        error: 'missing_token',
        error_description: expect.stringMatching(/token/),
      });
    });

    it.each(['GET', 'DELETE', 'PUT'])('returns 401 for %s too', async (method) => {
      expect((await fetch(aerie.url, { method })).status).toBe(401);
    });

    it('challenges for the same scopes with the hierarchy of .env.example', async () => {
      const [, SCOPE_HIERARCHY = ''] =
        /^# SCOPE_HIERARCHY=(.*)$/m.exec(readFileSync('.env.example', 'utf8')) ?? [];
      expect(SCOPE_HIERARCHY).toContain('>');
      const other = await startAerie({ environment: { SCOPE_HIERARCHY } });
      try {
        expect(challengeOf(await post(other.url, undefined, LIST))).toContain(
          'scope="org:read todo:read usr:read"',
        );
      } finally {
        await other.close();
      }
    });

    it('challenges for SIGN_IN_SCOPES if set', async () => {
      const other = await startAerie({ environment: { SIGN_IN_SCOPES: 'usr:read' } });
      try {
        expect(challengeOf(await post(other.url, undefined, LIST))).toContain('scope="usr:read"');
      } finally {
        await other.close();
      }
    });
  });

  describe('with a bad token', () => {
    const expectInvalid = async (token: string, reason: RegExp): Promise<void> => {
      const response = await post(aerie.url, token, LIST);
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toContain('error="invalid_token"');
      expect(challengeOf(response)).toContain(`resource_metadata="${metadataUrl()}"`);
      const body = (await response.json()) as { error: string; error_description: string };
      expect(body).toEqual({ error: 'invalid_token', error_description: expect.stringMatching(reason) });
      for (const part of token.split('.').filter((text) => text.length > 3)) {
        expect(JSON.stringify(body)).not.toContain(part);
      }
    };

    it('reports a value that is not a token', () => expectInvalid('invalid-token', /not a JWT/));

    it.each([
      ['expired', { exp: Math.floor(Date.now() / 1000) - 10 }, /expired/],
      ['not valid yet', { nbf: Math.floor(Date.now() / 1000) + 600 }, /not valid yet/],
      ['for another audience', { aud: ['https://other.example.com'] }, /audience/],
      ['for no audience', { aud: undefined }, /audience/],
      ['from another issuer', { iss: 'https://other.example.com' }, /issuer/],
      ['from no issuer', { iss: undefined }, /issuer/],
      ['without expiry', { exp: undefined }, /no expiry/],
      ['without subject', { sub: undefined }, /no subject/],
    ])('says that it is %s', async (_what, claims, reason) => {
      await expectInvalid(await aerie.token({ claims }), reason);
    });

    it('accepts a new token of an issuer whose clock is a few seconds ahead', async () => {
      const ahead = (seconds: number): Promise<string> => {
        const iat = Math.floor(Date.now() / 1000) + seconds;
        return aerie.token({ claims: { iat, nbf: iat } });
      };
      expect((await post(aerie.url, await ahead(3), LIST)).status).toBe(200);
      await expectInvalid(await ahead(30), /not valid yet/);
      const [header, payload] = (await ahead(3)).split('.');
      await expectInvalid(`${header}.${payload}.${'A'.repeat(342)}`, /signature/);
    });

    it.each(['logout+jwt', 'id+jwt', 'dpop+jwt', '', 7])('rejects a token of the type %j', async (typ) => {
      await expectInvalid(await aerie.token({ header: { typ } }), /is not an access token/);
    });

    it.each(['JWT', 'at+jwt', 'application/AT+JWT', 'application/jwt', undefined])(
      'accepts a token of the type %j',
      async (typ) => {
        expect((await post(aerie.url, await aerie.token({ header: { typ } }), LIST)).status).toBe(200);
      },
    );

    it('reports an invalid signature', async () => {
      const [header, payload] = (await aerie.token()).split('.');
      await expectInvalid(`${header}.${payload}.${'A'.repeat(342)}`, /signature/);
    });

    it('reports an unknown key', async () => {
      const { privateKey } = await generateKeyPair('RS256');
      const forged = await new SignJWT({ aud: aerie.url, iss: aerie.issuer.url, sub: 'usr_1' })
        .setProtectedHeader({ alg: 'RS256', kid: 'snk_0' })
        .setExpirationTime('1h')
        .sign(privateKey);
      await expectInvalid(forged, /key/);
    });

    it.each(['HS256', 'none', 'PS256', 'ES256'])('rejects the algorithm %s', async (alg) => {
      const [, payload, signature] = (await aerie.token()).split('.');
      const header = Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url');
      await expectInvalid(`${header}.${payload}.${signature}`, /RS256/);
    });

    it('rejects other algorithms with the issuer’s key, and its public key as a secret', async () => {
      const stateDirectory = mkdtempSync(join(tmpdir(), 'aerie-'));
      const other = await startAerie({ issuer: { stateDirectory } });
      try {
        expect((await post(other.url, await other.token(), LIST)).status).toBe(200);
        const jwk = JSON.parse(readFileSync(join(stateDirectory, 'signing-key.json'), 'utf8')) as JWK;
        const key = createPrivateKey({ key: jwk, format: 'jwk' });
        const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' });
        const claims = decodeJwt(await other.token());
        const sign = (alg: string, by: KeyObject | Uint8Array): Promise<string> =>
          new SignJWT(claims).setProtectedHeader({ alg, kid: jwk.kid ?? '' }).sign(by);
        expect((await post(other.url, await sign('RS256', key), LIST)).status).toBe(200);
        for (const token of [
          await sign('RS384', key),
          await sign('RS512', key),
          await sign('PS256', key),
          await sign('HS256', new TextEncoder().encode(publicPem.toString())),
        ]) {
          expect((await post(other.url, token, LIST)).status).toBe(401);
        }
      } finally {
        await other.close();
        rmSync(stateDirectory, { recursive: true });
      }
    });
  });

  it('accepts tokens of both Scalekit issuers', async () => {
    for (const iss of [aerie.issuer.url, aerie.issuer.resourceIssuer]) {
      expect((await post(aerie.url, await aerie.token({ claims: { iss } }), LIST)).status).toBe(200);
    }
  });

  it('accepts either audience of the list', async () => {
    for (const aud of [[aerie.url], 'res_100000000000000001']) {
      expect((await post(aerie.url, await aerie.token({ claims: { aud } }), LIST)).status).toBe(200);
    }
  });

  it('accepts only EXPECTED_AUDIENCE if set', async () => {
    const other = await startAerie({ environment: { EXPECTED_AUDIENCE: RESOURCE_ID } });
    try {
      const statusFor = async (aud: unknown): Promise<number> =>
        (await post(other.url, await other.token({ claims: { aud } }), LIST)).status;
      expect(await statusFor([other.url])).toBe(401);
      expect(await statusFor([RESOURCE_ID])).toBe(200);
    } finally {
      await other.close();
    }
  });

  describe('with a malformed request', () => {
    it.each([
      ['an empty bearer value', { authorization: 'Bearer ' }],
      ['a bearer value of two parts', { authorization: 'Bearer one two' }],
    ])('%s is 400 invalid_request', async (_what, headers) => {
      const response = await post(aerie.url, undefined, LIST, headers);
      expect(response.status).toBe(400);
      expect(challengeOf(response)).toMatch(
        /^Bearer realm="mcp", error="invalid_request", error_description="[^"]+", /,
      );
      expect(challengeOf(response)).toContain(`resource_metadata="${metadataUrl()}"`);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    });

    it('returns 400 for two Authorization headers, even if both are valid', async () => {
      const token = await aerie.token();
      const { hostname, port, pathname } = new URL(aerie.url);
      const answer = await new Promise<{ status?: number; challenge?: string }>((resolve, reject) => {
        const sent = httpRequest({ hostname, port, path: pathname, method: 'POST' }, (response) => {
          response.resume();
          resolve({ status: response.statusCode, challenge: response.headers['www-authenticate'] });
        });
        sent.on('error', reject);
        sent.setHeader('content-type', 'application/json');
        sent.setHeader('authorization', [`Bearer ${token}`, `Bearer ${token}`]);
        sent.end(JSON.stringify(LIST));
      });
      expect(answer).toEqual({ status: 400, challenge: expect.stringContaining('error="invalid_request"') });
    });

    it('returns 400 for a token in the query, with or without a header', async () => {
      const token = await aerie.token();
      for (const header of [undefined, token]) {
        const response = await post(`${aerie.url}?access_token=${token}`, header, LIST);
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ error: 'invalid_request' });
      }
    });
  });

  describe.each(ERAS)('in the era of %s', (era, send) => {
    it('returns 403 for a missing scope and names all scopes of the tool', async () => {
      const response = await send(
        aerie.url,
        await aerie.token({ scope: 'usr:read' }),
        toolCall('admin_tool'),
      );
      expect(response.status).toBe(403);
      expect(challengeOf(response)).toBe(
        `Bearer realm="mcp", error="insufficient_scope", error_description="This needs the scope admin.", scope="${era === '2026-07-28' ? 'admin' : 'admin usr:read'}", resource_metadata="${metadataUrl()}"`,
      );
      expect(await response.json()).toMatchObject({ error: 'insufficient_scope' });
    });

    it('lists the tools that the scopes allow', async () => {
      const names = async (scope: string): Promise<string[]> => {
        const response = await send(aerie.url, await aerie.token({ scope }), { method: 'tools/list' });
        const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
        return result.tools.map(({ name }) => name);
      };
      // Discoverable, so that a client can request their scope.
      const discoverable = ['add_todo', 'complete_todo', 'delete_todo'];
      expect(await names('')).toEqual([...discoverable, 'greet', 'whoami']);
      expect(await names('usr:read')).toEqual([...discoverable, 'greet', 'greet_user', 'whoami']);
      expect(await names('usr:read org:read admin')).toEqual([
        'add_todo',
        'admin_tool',
        'complete_todo',
        'delete_todo',
        'get_org_data',
        'greet',
        'greet_user',
        'whoami',
      ]);
    });

    it('returns -32602 for an unknown tool', async () => {
      const response = await send(aerie.url, await aerie.token(), toolCall('no_such_tool'));
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ error: { code: -32602 } });
    });
  });

  it('reads scopes from the string, the list, or both', async () => {
    const list = async (claims: Record<string, unknown>): Promise<string> => {
      const token = await aerie.token({ claims });
      return (await post(aerie.url, token, LIST)).text();
    };
    expect(await list({ scope: 'usr:read', scopes: undefined })).toContain('greet_user');
    expect(await list({ scope: undefined, scopes: ['usr:read'] })).toContain('greet_user');
    const both = await list({ scope: 'usr:read', scopes: ['org:read'] });
    expect(both).toContain('greet_user');
    expect(both).toContain('get_org_data');
  });

  it.each(['GET', 'DELETE', 'PUT'])('returns 405 for %s with a valid token', async (method) => {
    const response = await fetch(aerie.url, {
      method,
      headers: { authorization: `Bearer ${await aerie.token()}` },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('ignores the Host header and forwarded headers in URLs', async () => {
    const response = await post(aerie.url, undefined, LIST, {
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example.com',
    });
    expect(challengeOf(response)).toContain(metadataUrl());
    const metadata = await fetch(metadataUrl(), { headers: { 'x-forwarded-host': 'evil.example.com' } });
    expect(await metadata.json()).toMatchObject({ resource: aerie.url });
  });

  it('forbids caching of responses', async () => {
    for (const token of [undefined, await aerie.token()]) {
      expect((await post(aerie.url, token, LIST)).headers.get('cache-control')).toBe('no-store');
    }
  });

  it('never logs or returns a token or a part of one', async () => {
    const token = await aerie.token();
    const answers = [
      await post(aerie.url, token, LIST),
      await post(aerie.url, `${token}x`, LIST),
      await post(aerie.url, token, 'not json'),
      await post(aerie.url, token, message(toolCall('whoami'))),
      await post(`${aerie.origin}/no-such-route?access_token=${token}`, token, LIST),
    ];
    const answered = await Promise.all(answers.map((response) => response.text()));
    await aerie.issuer.goDown();
    await post(aerie.url, await aerie.token({ claims: { jti: 'x' } }), LIST, {
      authorization: 'Bearer a.b.c',
    });
    await aerie.issuer.comeBack();

    new Logger('test').warn('this line is logged');
    const everything = [...aerie.logs, ...answered].join('\n');
    expect(everything).toContain('this line is logged');
    for (const part of token.split('.')) expect(everything).not.toContain(part.slice(0, 30));
  });
});
