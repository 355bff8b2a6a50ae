import { VERSION } from '../src/version.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { lightFetch, type LightRequest } from './support/light-fetch.js';
import { startRedis } from './support/redis.js';
import { eventually } from './support/until.js';

describe.each(['/mcp', '/', '/team/mcp/'])('a resource at %s', (path) => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ path });
  });
  afterAll(() => aerie.close());

  const paths = [
    '/.well-known/oauth-protected-resource',
    ...(path === '/' ? [] : [`/.well-known/oauth-protected-resource${path.replace(/\/$/, '')}`]),
  ];

  it.each(paths)('has metadata at %s, for every origin, with a cache lifetime', async (wellKnown) => {
    const response = await fetch(`${aerie.origin}${wellKnown}`, {
      headers: { origin: 'https://any.example' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toMatch(/max-age=\d+/);
    expect(await response.json()).toEqual({
      resource: aerie.url,
      authorization_servers: [aerie.issuer.resourceIssuer],
      bearer_methods_supported: ['header'],
      scopes_supported: ['admin', 'org:read', 'todo:read', 'todo:write', 'usr:read'],
    });
  });

  it('answers a preflight for the version header', async () => {
    const response = await fetch(`${aerie.origin}${paths[0]}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://any.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toContain('mcp-protocol-version');
  });

  it('has no metadata at another path', async () => {
    const response = await fetch(`${aerie.origin}/.well-known/oauth-protected-resource/other`);
    expect(response.status).toBe(404);
  });

  it('redirects old clients to the authorization server’s document', async () => {
    const response = await fetch(`${aerie.origin}/.well-known/oauth-authorization-server`, {
      redirect: 'manual',
    });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(
      `${aerie.issuer.url}/.well-known/oauth-authorization-server/resources/res_100000000000000001`,
    );
  });

  describe('its Server Card', () => {
    const card = `${path.replace(/\/$/, '')}/server-card`;
    const ask = (method: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${aerie.origin}${card}`, { method, headers: { origin: 'https://any.example', ...headers } });
    const CORS = {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'Content-Type, If-None-Match',
      'access-control-expose-headers': 'ETag',
    };

    it('describes the server to everybody, for every origin, with a cache lifetime', async () => {
      const response = await ask('GET', { accept: 'application/mcp-server-card+json' });
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        ...CORS,
        'content-type': 'application/mcp-server-card+json',
        'cache-control': 'public, max-age=3600',
        etag: expect.stringMatching(/^"[\w-]{43}"$/),
      });
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({
        name: 'localhost/aerie',
        version: VERSION,
        remotes: [{ type: 'streamable-http', url: aerie.url }],
      });
      expect(text).not.toMatch(/usr:read|todo|greet_user/);
    });

    it('has the same headers and no body for HEAD', async () => {
      const [get, head] = await Promise.all([ask('GET'), ask('HEAD')]);
      expect(await head.text()).toBe('');
      for (const name of ['etag', 'content-type', 'content-length', 'access-control-allow-origin']) {
        expect(head.headers.get(name)).toBe(get.headers.get(name));
      }
    });

    it('is not sent again to a client that has it', async () => {
      const etag = (await ask('GET')).headers.get('etag') ?? '';
      const known = await ask('GET', { 'if-none-match': `"other", W/${etag}` });
      expect(known.status).toBe(304);
      expect(await known.text()).toBe('');
      expect(Object.fromEntries(known.headers)).toMatchObject({ ...CORS, etag });
      expect((await ask('GET', { 'if-none-match': '"other"' })).status).toBe(200);
    });

    it('can be read by a page after a preflight', async () => {
      const { status, headers } = await ask('OPTIONS', {
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'if-none-match',
      });
      expect(status).toBe(204);
      expect(Object.fromEntries(headers)).toMatchObject(CORS);
    });

    it('can only be read', async () => {
      expect((await ask('POST')).status).toBe(404);
    });
  });

  it('answers health checks without a token and under any host name', async () => {
    const get = async (route: string): Promise<unknown> =>
      (await fetch(`${aerie.origin.replace('localhost', '127.0.0.1')}${route}`)).json();
    expect(await get('/health')).toEqual({ status: 'healthy' });
    expect(await get('/health/live')).toEqual({ status: 'ok' });
    expect(await get('/health/ready')).toMatchObject({
      status: 'ok',
      details: {
        instance: {
          status: 'up',
          version: VERSION,
          tools: 9,
          catalog: expect.stringMatching(/^[0-9a-f]{12}$/),
        },
        signingKeys: { status: 'up', issuerReachable: true, ageSeconds: expect.any(Number) },
        redis: { status: 'up', used: false },
        database: { status: 'up', used: false },
      },
    });
  });

  it('accepts the preflight of an allowed origin', async () => {
    const response = await fetch(aerie.url, {
      method: 'OPTIONS',
      headers: {
        origin: aerie.origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers':
          'authorization,content-type,mcp-protocol-version,mcp-method,mcp-name',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(aerie.origin);
    const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
    for (const header of [
      'authorization',
      'content-type',
      'mcp-protocol-version',
      'mcp-method',
      'mcp-name',
    ]) {
      expect(allowed).toContain(header);
    }
  });

  it('exposes the challenge to a page', async () => {
    const response = await fetch(aerie.url, { method: 'POST', headers: { origin: aerie.origin } });
    expect(response.status).toBe(401);
    const exposed = response.headers.get('access-control-expose-headers');
    expect(exposed).toContain('WWW-Authenticate');
    expect(exposed).toContain('Mcp-Session-Id');
    const named = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1];
    expect(await (await fetch(named ?? '')).json()).toMatchObject({ resource: aerie.url });
  });

  it('rejects the preflight of another origin', async () => {
    const response = await fetch(aerie.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' },
    });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('returns 404 for other routes', async () => {
    expect((await fetch(`${aerie.origin}/no-such-route`)).status).toBe(404);
  });
});

describe('a server that describes itself to nobody', () => {
  it('has no Server Card', async () => {
    const aerie = await startAerie({ environment: { SERVER_CARD: 'off' } });
    try {
      const status = async (method: string): Promise<number> =>
        (await fetch(`${aerie.url}/server-card`, { method })).status;
      expect([await status('GET'), await status('OPTIONS')]).toEqual([404, 404]);
    } finally {
      await aerie.close();
    }
  });
});

describe('readiness with Redis', () => {
  it('is degraded with 200 while Redis is down', async () => {
    const redis = await startRedis();
    const aerie = await startAerie({ environment: { REDIS_URL: redis.url } });
    const readiness = async (): Promise<unknown> => {
      const response = await fetch(`${aerie.origin}/health/ready`);
      const body = (await response.json()) as { status: string };
      return [response.status, body.status];
    };
    try {
      await eventually(readiness, [200, 'ok']);
      await redis.stop();
      await eventually(readiness, [200, 'degraded']);
      await redis.start();
      await eventually(readiness, [200, 'ok']);
    } finally {
      await aerie.close();
      await redis.stop();
    }
  });
});

describe('a configured metadata document', () => {
  it('is served unchanged', async () => {
    const aerie = await startAerie({ path: '/' });
    const document = {
      authorization_servers: [aerie.issuer.resourceIssuer],
      bearer_methods_supported: ['header'],
      resource: aerie.url,
      resource_documentation: `${aerie.origin}/docs`,
      scopes_supported: ['todo:read', 'todo:write'],
    };
    await aerie.close();
    const configured = await startAerie({
      environment: {
        MCP_SERVER_ID: '',
        RESOURCE_URL: '',
        PROTECTED_RESOURCE_METADATA: JSON.stringify(document),
      },
    });
    try {
      const response = await fetch(`${configured.origin}/.well-known/oauth-protected-resource`);
      expect(await response.json()).toEqual(document);
      const challenged = await fetch(`${configured.origin}/`, {
        method: 'POST',
        headers: { host: 'localhost' },
      });
      expect(challenged.headers.get('www-authenticate')).toContain('scope="todo:read"');
    } finally {
      await configured.close();
    }
  });

  it('is served below another path if a proxy strips a prefix', async () => {
    const aerie = await startAerie({ path: '/prefix/mcp', environment: { MCP_PATH: '/mcp' } });
    try {
      expect((await fetch(`${aerie.origin}/mcp`, { method: 'POST' })).status).toBe(401);
      expect((await fetch(aerie.url, { method: 'POST' })).status).toBe(404);
      const wellKnown = `${aerie.origin}/.well-known/oauth-protected-resource/prefix/mcp`;
      expect(await (await fetch(wellKnown)).json()).toMatchObject({ resource: aerie.url });
    } finally {
      await aerie.close();
    }
  });
});

describe('the connect page', () => {
  const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-mode': 'navigate' };
  let aerie: Aerie;
  let off: Aerie;
  beforeAll(async () => {
    [aerie, off] = await Promise.all([
      startAerie(),
      startAerie({ environment: { CONNECT_PAGE: 'off' }, issuer: { resourceUrl: 'http://localhost/mcp' } }),
    ]);
  });
  afterAll(() => Promise.all([aerie.close(), off.close()]));

  /** Everything of a response that does not differ from one request or server to the next. */
  async function answerOf({ origin, issuer }: Aerie, path: string, init: LightRequest): Promise<unknown> {
    const response = await lightFetch(origin + path, init);
    const headers = [...response.headers].filter(
      ([name]) => !['date', 'x-request-id', 'etag', ...(path === '/' ? ['vary'] : [])].includes(name),
    );
    const answer = JSON.stringify([response.status, headers, await response.text()]);
    return answer.replaceAll(new URL(origin).host, 'SERVER').replaceAll(new URL(issuer.url).host, 'ISSUER');
  }

  it.each(['/mcp', '/mcp/', '/'])('is shown to browsers at %s', async (path) => {
    const response = await lightFetch(aerie.origin + path, { headers: BROWSER });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('vary')).toContain('Accept');
    expect(response.headers.get('content-security-policy')).toContain(
      `connect-src 'self' ${aerie.issuer.url};`,
    );
    const page = await response.text();
    expect(page).toContain(`<code>${aerie.url}</code>`);
    expect(page).not.toMatch(/greet_user|list_todos|whoami/);

    const head = await lightFetch(aerie.origin + path, { method: 'HEAD', headers: BROWSER });
    expect(head.headers.get('content-length')).toBe(response.headers.get('content-length'));
    expect(await head.text()).toBe('');
  });

  it('has the loopback name that the browser asked for', async () => {
    const url = aerie.url.replace('localhost', '127.0.0.1');
    expect(await (await lightFetch(url, { headers: BROWSER })).text()).toContain(`<code>${url}</code>`);
  });

  it('refuses a wrong host, as the endpoint does', async () => {
    const answer = await lightFetch(aerie.url, { headers: { ...BROWSER, host: 'evil.example' } });
    expect(answer.status).toBe(403);
  });

  it.each<[string, LightRequest]>([
    ['any media type', { headers: { accept: '*/*' } }],
    ['JSON', { headers: { accept: 'application/json' } }],
    ['an event stream', { headers: { accept: 'text/event-stream' } }],
    ['HEAD', { method: 'HEAD' }],
    ['DELETE', { method: 'DELETE', headers: BROWSER }],
    ['POST', { method: 'POST', headers: BROWSER, body: '{}' }],
    ['OPTIONS', { method: 'OPTIONS', headers: { ...BROWSER, origin: 'http://localhost:1' } }],
    ['an invalid token', { headers: { ...BROWSER, authorization: 'Bearer x.y.z' } }],
    ['a script of a page', { headers: { ...BROWSER, 'sec-fetch-mode': 'cors' } }],
  ])('changes nothing for programs: %s', async (_case, init) => {
    for (const path of ['/mcp', '/']) {
      expect(await answerOf(aerie, path, init)).toBe(await answerOf(off, path, init));
    }
  });

  it('is not mixed up with the answer for programs in a shared cache', async () => {
    const vary = async (path: string, headers = {}): Promise<string | null> =>
      (await lightFetch(aerie.origin + path, { headers })).headers.get('vary');
    expect([await vary('/'), await vary('/', BROWSER)]).toEqual(['Accept', 'Accept']);
    expect([await vary('/mcp'), await vary('/mcp', BROWSER)]).toEqual(['Origin', 'Origin, Accept']);
  });

  it('can be switched off', async () => {
    expect((await lightFetch(off.url, { headers: BROWSER })).status).toBe(401);
    expect((await lightFetch(off.origin, { headers: BROWSER })).status).toBe(404);
    expect((await lightFetch(`${off.url}/connect/caller`)).status).toBe(404);
  });

  it('has a client document only on https, where authorization servers read it', async () => {
    expect((await lightFetch(`${aerie.url}/connect/client.json`)).status).toBe(404);
    const secure = await startAerie({
      environment: { RESOURCE_URL: 'https://mcp.example.com/mcp', ALLOWED_HOSTS: 'localhost' },
    });
    try {
      const response = await lightFetch(`${secure.url}/connect/client.json`);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toEqual({
        client_id: 'https://mcp.example.com/mcp/connect/client.json',
        client_name: 'Aerie connect page',
        client_uri: 'https://mcp.example.com/mcp',
        redirect_uris: ['https://mcp.example.com/mcp'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      });
    } finally {
      await secure.close();
    }
  });

  describe('describes the caller', () => {
    const describeCaller = async (token?: string): Promise<Response> =>
      lightFetch(`${aerie.url}/connect/caller`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });

    it('only with a token', async () => {
      const response = await describeCaller();
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('resource_metadata=');
      expect((await describeCaller('x.y.z')).status).toBe(401);
    });

    it('with the scopes that the caller lacks, and the tools of its own list that need them', async () => {
      const response = await describeCaller(await aerie.token({ scope: 'usr:read org:read todo:read' }));
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual({
        subject: 'usr_100000000000000001',
        organizationId: 'org_acme',
        scopes: ['usr:read', 'org:read', 'todo:read'],
        expiresAt: expect.any(Number),
        furtherScopes: [
          { scope: 'admin', tools: [] },
          { scope: 'todo:write', tools: ['add_todo', 'complete_todo', 'delete_todo'] },
        ],
      });
    });
  });
});
