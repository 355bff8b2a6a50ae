import type { Aerie } from './support/aerie.js';
import { claimsFor, forge, ISSUER, OwnKey, startWithOwnKeys } from './support/own-keys.js';
import { ERAS, message, post, resultText, toolCall } from './support/rpc.js';

const WHO = message(toolCall('whoami'));

describe('tokens of own keys', () => {
  const key = new OwnKey();
  const started: Aerie[] = [];
  const start = async (...parameters: Parameters<typeof startWithOwnKeys>): Promise<Aerie> => {
    const aerie = await startWithOwnKeys(...parameters);
    started.push(aerie);
    return aerie;
  };
  afterAll(() => Promise.all(started.map((aerie) => aerie.close())));

  const refusal = async (aerie: Aerie, token: string): Promise<unknown> => {
    const response = await post(aerie.url, token, WHO);
    const body = (await response.json()) as { error_description?: string };
    return [response.status, body.error_description];
  };
  const who = async (aerie: Aerie, token: string): Promise<unknown> => {
    const response = await post(aerie.url, token, WHO);
    if (response.status !== 200) return response.status;
    return JSON.parse(await resultText(response));
  };

  describe('with a key in PEM', () => {
    let aerie: Aerie;
    beforeAll(async () => {
      aerie = await start({ JWT_PUBLIC_KEY: key.pem, RATE_LIMIT_INVALID_TOKENS: '1000000/min' });
    });
    const good = (claims: Record<string, unknown> = {}, header: object = {}): Promise<string> =>
      key.sign(claimsFor(aerie, claims), header);

    it.each(ERAS)('identifies the caller by its subject, in the era of %s', async (_era, send) => {
      const response = await send(aerie.url, await good(), toolCall('greet', { name: 'Ada' }));
      expect(await resultText(response)).toBe('Hello, Ada! Your userid is client-a@example.com.');
    });

    it.each([
      ['a machine in its own name', {}, { clientId: 'client-a@example.com', kind: 'machine' }],
      ['client_id', { client_id: 'app' }, { clientId: 'app', kind: 'person' }],
      ['azp', { azp: 'app' }, { clientId: 'app' }],
      ['org_id', { org_id: 'org_1' }, { organizationId: 'org_1' }],
      ['oid', { oid: 'org_2' }, { organizationId: 'org_2' }],
      ['scope with spaces', { scope: 'read write' }, { scopes: ['read', 'write'] }],
      ['scope with commas', { scope: 'read,write' }, { scopes: ['read', 'write'] }],
      ['scp', { scp: ['read', 'write'] }, { scopes: ['read', 'write'] }],
      ['scopes', { scopes: ['read', 'write'] }, { scopes: ['read', 'write'] }],
      ['roles', { roles: ['staff'] }, { roles: ['staff'] }],
      ['one of several audiences', { aud: [] }, { kind: 'machine' }],
    ])('reads %s', async (_what, claims, expected) => {
      const aud = 'aud' in claims ? ['other', aerie.url] : aerie.url;
      expect(await who(aerie, await good({ ...claims, aud }))).toMatchObject(expected);
    });

    it('checks scopes like for any token', async () => {
      const call = message(toolCall('greet_user', { name: 'Ada' }));
      const refused = await post(aerie.url, await good({ scope: 'read' }), call);
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toContain('scope="usr:read read"');
      expect((await post(aerie.url, await good({ scope: 'read usr:read' }), call)).status).toBe(200);
    });

    it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('accepts the type %s', async (typ) => {
      expect(await who(aerie, await good({}, { typ }))).toMatchObject({ kind: 'machine' });
    });

    it('accepts any key id if the key has none', async () => {
      expect(await who(aerie, await good({}, { kid: 'a-name-of-its-own' }))).toMatchObject({
        kind: 'machine',
      });
    });

    const past = Math.floor(Date.now() / 1000) - 100;
    const SIGNATURE = 'The signature of the access token is invalid.';
    const ALGORITHM = 'The access token is signed with an algorithm that is not accepted here.';
    it.each([
      ['another issuer', { iss: 'http://localhost:8001' }, 'The access token is from another issuer.'],
      ['no issuer', { iss: undefined }, 'The access token is from another issuer.'],
      ['another audience', { aud: 'other' }, 'The access token is for another audience.'],
      ['no audience', { aud: undefined }, 'The access token is for another audience.'],
      ['its time over', { iat: past - 1, exp: past }, 'The access token has expired.'],
      ['its time to come', { nbf: past + 700 }, 'The access token is not valid yet.'],
      ['no expiry', { exp: undefined }, 'The access token has no expiry.'],
      ['no time of issue', { iat: undefined }, 'The access token has no issue time.'],
      [
        'a time of issue to come',
        { iat: past + 1_000, exp: past + 1_001 },
        'The access token was issued in the future.',
      ],
      ['no subject', { sub: undefined }, 'The access token has no subject.'],
      ['too long a life', { exp: past + 90_000 }, 'The lifetime of the access token exceeds the maximum.'],
    ])('refuses a token with %s', async (_what, claims, description) => {
      expect(await refusal(aerie, await good(claims))).toEqual([401, description]);
    });

    it.each([
      ['another type', { typ: 'dpop+jwt' }, 'The token is not an access token.'],
      ['an ID token of OpenID Connect by its type', { typ: 'id+jwt' }, 'The token is not an access token.'],
      ['a logout token', { typ: 'logout+jwt' }, 'The token is not an access token.'],
      ['a type that is not a string', { typ: 7 }, 'The token is not an access token.'],
    ])('refuses %s', async (_what, header, description) => {
      expect(await refusal(aerie, await good({}, header))).toEqual([401, description]);
    });

    it('rejects unknown critical header parameters', async () => {
      const claims = claimsFor(aerie);
      const token = await good();
      const critical = forge({ alg: 'RS256', crit: ['x'], x: 1 }, claims, 'x');
      expect(await refusal(aerie, critical)).toEqual([401, 'The access token is not valid.']);
      expect(await refusal(aerie, `${token}x`)).toEqual([401, SIGNATURE]);
    });

    it.each([
      ['HS256 with the PEM as its secret', 'HS256', () => key.pem, ALGORITHM],
      ['HS256 with the PEM on one line', 'HS256', () => key.pem.trim(), ALGORITHM],
      ['HS256 with the JWK as its secret', 'HS256', () => JSON.stringify(key.jwk()), ALGORITHM],
      ['HS512', 'HS512', () => key.pem, ALGORITHM],
      ['none', 'none', () => undefined, ALGORITHM],
      ['None', 'None', () => undefined, ALGORITHM],
      ['an algorithm of other keys', 'ES256', () => 'x', ALGORITHM],
      ['an algorithm of the key that is not accepted', 'PS256', () => 'x', ALGORITHM],
      ['RS256 without a signature', 'RS256', () => undefined, SIGNATURE],
      ['RS256 that is an HMAC', 'RS256', () => key.pem, SIGNATURE],
    ])('refuses %s', async (_what, alg, signWith, description) => {
      const token = forge({ alg, typ: 'JWT' }, claimsFor(aerie), signWith());
      expect(await refusal(aerie, token)).toEqual([401, description]);
    });

    it('rejects a key inside the token', async () => {
      const other = new OwnKey();
      for (const header of [
        { jwk: other.jwk() },
        { jku: 'http://localhost:1/jwks' },
        { kid: '../../dev/null' },
      ]) {
        const token = await other.sign(claimsFor(aerie), header);
        expect(await refusal(aerie, token)).toEqual([401, SIGNATURE]);
      }
    });

    it('has metadata without an authorization server', async () => {
      const metadata = await fetch(`${aerie.origin}/.well-known/oauth-protected-resource/mcp`);
      expect(await metadata.json()).toEqual({
        resource: aerie.url,
        bearer_methods_supported: ['header'],
        scopes_supported: ['admin', 'org:read', 'todo:read', 'todo:write', 'usr:read'],
      });
      expect((await fetch(`${aerie.origin}/.well-known/oauth-authorization-server`)).status).toBe(404);
    });

    it('sends a challenge', async () => {
      const response = await fetch(aerie.url, { method: 'POST' });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(
        `Bearer realm="mcp", scope="org:read todo:read usr:read", resource_metadata="${aerie.origin}/.well-known/oauth-protected-resource/mcp"`,
      );
    });

    it('is ready at once, without key details', async () => {
      const response = await fetch(`${aerie.origin}/health/ready`);
      expect(response.status).toBe(200);
      const { details } = (await response.json()) as { details: object };
      expect(Object.keys(details).toSorted()).toEqual([
        'audit',
        'database',
        'instance',
        'redis',
        'revocations',
      ]);
    });
  });

  it.each([
    ['P-256', 'ES256'],
    ['P-384', 'ES384'],
    ['P-521', 'ES512'],
    ['ed25519', 'EdDSA'],
    ['ed25519', 'Ed25519'],
  ] as const)('work with a %s key and %s', async (kind, alg) => {
    const other = new OwnKey(kind);
    const aerie = await start({ JWT_PUBLIC_KEY: other.pem });
    expect(await who(aerie, await other.sign(claimsFor(aerie), { alg }))).toMatchObject({ kind: 'machine' });
  });

  it('are rejected on the wrong curve', async () => {
    const aerie = await start({ JWT_PUBLIC_KEY: new OwnKey('P-256').pem });
    expect(await refusal(aerie, await new OwnKey('P-384').sign(claimsFor(aerie)))).toEqual([
      401,
      'The access token is signed with an algorithm that is not accepted here.',
    ]);
    expect(await refusal(aerie, await new OwnKey('P-256').sign(claimsFor(aerie)))).toEqual([
      401,
      'The signature of the access token is invalid.',
    ]);
    const both = await start({ JWT_PUBLIC_KEY: new OwnKey('P-256').pem + key.pem });
    expect(await refusal(both, forge({ alg: 'ES384' }, claimsFor(both), 'x'))).toEqual([
      401,
      'The access token is signed with an algorithm that is not accepted here.',
    ]);
  });

  it.each([
    ['PEM keys', (one: OwnKey, two: OwnKey) => one.pem + two.pem],
    ['a JWK Set', (one: OwnKey, two: OwnKey) => JSON.stringify({ keys: [one.jwk(), two.jwk()] })],
  ])('hold for either of two %s, as a rotation needs', async (_what, text) => {
    const [old, young, stranger] = [new OwnKey(), new OwnKey(), new OwnKey()];
    const aerie = await start({ JWT_PUBLIC_KEY: text(old, young) });
    for (const signer of [old, young]) {
      expect(await who(aerie, await signer.sign(claimsFor(aerie)))).toMatchObject({ kind: 'machine' });
    }
    expect(await who(aerie, await stranger.sign(claimsFor(aerie)))).toBe(401);
    const rotated = await start({ JWT_PUBLIC_KEY: young.pem });
    expect(await who(rotated, await young.sign(claimsFor(rotated)))).toMatchObject({ kind: 'machine' });
    expect(await who(rotated, await old.sign(claimsFor(rotated)))).toBe(401);
  });

  it('are verified with the key that they name', async () => {
    const [one, two] = [new OwnKey(), new OwnKey()];
    const keys = [one.jwk({ kid: 'k1' }), two.jwk({ kid: 'k2' })];
    const aerie = await start({ JWT_PUBLIC_KEY: JSON.stringify({ keys }) });
    expect(await who(aerie, await two.sign(claimsFor(aerie), { kid: 'k2' }))).toMatchObject({
      kind: 'machine',
    });
    expect(await who(aerie, await two.sign(claimsFor(aerie), { kid: 'k1' }))).toBe(401);
    expect(await refusal(aerie, await two.sign(claimsFor(aerie), { kid: 'k3' }))).toEqual([
      401,
      'The access token is signed with a key that its issuer does not publish.',
    ]);
  });

  it('are read with the configured claim names', async () => {
    const aerie = await start({
      JWT_PUBLIC_KEY: JSON.stringify(key.jwk()),
      JWT_AUDIENCE: 'service-a, service-b',
      JWT_ISSUER: `another, ${ISSUER}`,
      JWT_CLAIM_SUBJECT: 'email',
      JWT_CLAIM_CLIENT: 'app',
      JWT_CLAIM_ORGANIZATION: 'https://example.com/org',
      JWT_CLAIM_SCOPES: 'permissions',
      JWT_CLAIM_ROLES: 'groups',
    });
    const claims = {
      aud: ['x', 'service-b'],
      email: 'ada@example.com',
      app: 'app_1',
      'https://example.com/org': 'org_1',
      permissions: ['read'],
      groups: ['staff'],
    };
    for (const iss of [ISSUER, 'another']) {
      expect(await who(aerie, await key.sign(claimsFor(aerie, { ...claims, iss })))).toMatchObject({
        subject: 'ada@example.com',
        clientId: 'app_1',
        organizationId: 'org_1',
        scopes: ['read'],
        roles: ['staff'],
      });
    }
  });

  it('can be slightly expired with a clock tolerance', async () => {
    const aerie = await start({ JWT_PUBLIC_KEY: key.pem, JWT_CLOCK_TOLERANCE: '1m' });
    const now = Math.floor(Date.now() / 1000);
    const late = (seconds: number): Promise<string> =>
      key.sign(claimsFor(aerie, { iat: now - 600, exp: now - seconds }));
    expect(await who(aerie, await late(30))).toMatchObject({
      kind: 'machine',
      // so that event streams continue until then
      expiresAt: new Date((now + 30) * 1000).toISOString(),
    });
    expect(await who(aerie, await late(90))).toBe(401);
    expect(await who(aerie, await key.sign(claimsFor(aerie, { nbf: now + 30 })))).toMatchObject({
      kind: 'machine',
    });
  });

  it('need the required scopes of the endpoint', async () => {
    const aerie = await start({ JWT_PUBLIC_KEY: key.pem, JWT_REQUIRED_SCOPES: 'read write' });
    const list = (scope: string): Promise<Response> =>
      key
        .sign(claimsFor(aerie, { scope }))
        .then((token) => post(aerie.url, token, message({ method: 'tools/list' })));
    const refused = await list('read');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(refused.headers.get('www-authenticate')).toContain('scope="read write"');
    expect((await list('write read')).status).toBe(200);
    const metadata = await fetch(`${aerie.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await metadata.json()).toMatchObject({
      scopes_supported: ['admin', 'org:read', 'read', 'todo:read', 'todo:write', 'usr:read', 'write'],
    });
  });

  it('can have the required scopes through broader ones', async () => {
    const aerie = await start({
      JWT_PUBLIC_KEY: key.pem,
      JWT_REQUIRED_SCOPES: 'read',
      SCOPE_HIERARCHY: 'admin > read',
    });
    expect(await who(aerie, await key.sign(claimsFor(aerie, { scope: 'admin' })))).toMatchObject({
      scopes: ['admin'],
    });
  });

  it('count for an address only if the key never signed them', async () => {
    const aerie = await start({ JWT_PUBLIC_KEY: key.pem, RATE_LIMIT_INVALID_TOKENS: '2/min' });
    const now = Math.floor(Date.now() / 1000);
    for (const claims of [
      { iat: 1, exp: 2 },
      { aud: 'other' },
      { nbf: now + 60 },
      { exp: undefined },
      { iat: undefined },
    ]) {
      expect(await who(aerie, await key.sign(claimsFor(aerie, claims)))).toBe(401);
    }
    const forged = (): Promise<string> => new OwnKey('P-256').sign(claimsFor(aerie));
    expect(await who(aerie, await forged())).toBe(401);
    expect(await who(aerie, await forged())).toBe(401);
    expect(await who(aerie, await forged())).toBe(429);
    expect(await who(aerie, await key.sign(claimsFor(aerie)))).toMatchObject({ kind: 'machine' });
  });

  it('distinguish several clients with one key pair in limits and in the log', async () => {
    const aerie = await start({ JWT_PUBLIC_KEY: key.pem, RATE_LIMIT_CALLER: '2/min' });
    const [a, b] = await Promise.all(
      ['client-a@example.com', 'client-b@example.com'].map((sub) => key.sign(claimsFor(aerie, { sub }))),
    );
    const status = async (token = ''): Promise<number> => (await post(aerie.url, token, WHO)).status;
    expect([await status(a), await status(a), await status(a)]).toEqual([200, 200, 429]);
    expect([await status(b), await status(b), await status(b)]).toEqual([200, 200, 429]);
    const calls = aerie.logs
      .map((line) => JSON.parse(line) as { msg: string; tool?: string; subject?: string; clientId?: string })
      .filter(({ msg, subject }) => msg === 'call' && subject === 'client-b@example.com');
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatchObject({ tool: 'whoami', clientId: 'client-b@example.com' });
  });
});
