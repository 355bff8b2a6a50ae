import { OAuthClient } from '../../../test/support/sign-in.js';
import { startDevIssuer, type DevIssuer } from '../dev-issuer.js';

const DOCUMENT_URL = 'https://editor.example/client.json';

describe('the sign-in page', () => {
  let issuer: DevIssuer;

  beforeAll(async () => {
    issuer = await startDevIssuer({
      port: 0,
      resourceUrl: 'http://localhost:3002/mcp',
      scopes: () => ['usr:read', 'usr:write'],
    });
  });
  afterAll(() => issuer.close());

  async function open(
    metadata: Record<string, unknown> = {},
    parameters: Record<string, string> = {},
  ): Promise<{ url: string; cookie: string; response: Response; text: string }> {
    const client = await OAuthClient.register(issuer.resourceIssuer, metadata);
    const redirect = await fetch(client.authorizationUrl(parameters), { redirect: 'manual' });
    const url = new URL(redirect.headers.get('location') ?? '', issuer.url).href;
    const cookie = redirect.headers
      .getSetCookie()
      .map((header) => header.split(';')[0])
      .join('; ');
    const response = await fetch(url, { headers: { cookie } });
    return { url, cookie, response, text: await response.text() };
  }

  it('shows the client, the requested access and the redirect host', async () => {
    const { text } = await open({
      client_name: 'Inspector',
      redirect_uris: ['http://localhost:6274/callback'],
    });
    expect(text).toContain('Inspector');
    expect(text).toContain('localhost:6274');
    expect(text).toContain('http://localhost:3002/mcp');
    expect(text).toContain('no passwords');
    for (const user of ['alice', 'bob', 'carol']) expect(text).toContain(`value="${user}"`);
    expect(text).toContain('Gets 1 of 2 requested scopes');
  });

  it('escapes client input', async () => {
    const { text } = await open({ client_name: '<script>alert("1")</script>' });
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(text).not.toContain('<script');
  });

  it('preselects the user of a login_hint', async () => {
    const { text } = await open({}, { login_hint: 'carol@example.com' });
    expect(text).toMatch(/value="carol"\s+required\s+checked/);
  });

  it('allows no scripts, frames or external assets', async () => {
    const { response } = await open();
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  describe('rejects a form', () => {
    const form = new URLSearchParams({ user: 'alice', decision: 'allow' });

    it.each([{ origin: 'https://attacker.example' }, { origin: 'null' }, {}])('from %j', async (headers) => {
      const { url, cookie } = await open();
      const response = await fetch(url, { method: 'POST', body: form, headers: { cookie, ...headers } });
      expect(response.status).toBe(403);
    });

    it('without the cookie of the browser that opened the page', async () => {
      const { url } = await open();
      const response = await fetch(url, { method: 'POST', body: form, headers: { origin: issuer.url } });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('expired');
    });

    it.each(['user=mallory&decision=allow', 'user=alice', ''])('that is incomplete: %s', async (body) => {
      const { url, cookie } = await open();
      const response = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams(body),
        headers: { cookie, origin: issuer.url },
      });
      expect(response.status).toBe(400);
    });

    it('that is too large', async () => {
      const { url, cookie } = await open();
      const response = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ user: 'a'.repeat(100_000) }),
        headers: { cookie, origin: issuer.url },
      });
      expect(response.status).toBe(413);
    });
  });

  it('asks again despite an existing session, unless prompt=none', async () => {
    const client = await OAuthClient.register(issuer.resourceIssuer);
    const session = await signInWithSession(client);
    const again = await fetch(client.authorizationUrl(), {
      headers: { cookie: session },
      redirect: 'manual',
    });
    expect(again.headers.get('location')).toMatch(/^\/sign-in\//);

    const silent = await fetch(client.authorizationUrl({ prompt: 'none' }), {
      headers: { cookie: session },
      redirect: 'manual',
    });
    expect(new URL(silent.headers.get('location') ?? '').searchParams.get('code')).toBeTruthy();
  });

  it.each([
    ['an unknown client', { client_id: 'm2m_unknown' }, 'not registered here'],
    ['an unregistered redirect URI', { redirect_uri: 'https://attacker.example/' }, 'has not registered'],
  ])('explains %s on an error page', async (_case, parameters, explanation) => {
    const client = await OAuthClient.register(issuer.resourceIssuer);
    const response = await fetch(client.authorizationUrl(parameters), { redirect: 'manual' });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await response.text();
    expect(text).toContain(explanation);
    expect(text).not.toMatch(/\bat \S+:\d+:\d+/);
  });

  it('explains a metadata document that cannot be fetched', async () => {
    jest.spyOn(console, 'warn').mockImplementation();
    const client = new OAuthClient(issuer.resourceIssuer, DOCUMENT_URL);
    const response = await fetch(client.authorizationUrl());
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('metadata document');
  });

  /** Signs alice in and returns the session cookies. */
  async function signInWithSession(client: OAuthClient): Promise<string> {
    const cookies = new Map<string, string>();
    const send = async (url: string | URL, init: RequestInit = {}): Promise<URL> => {
      const headers = new Headers(init.headers);
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
      const response = await fetch(url, { ...init, headers, redirect: 'manual' });
      for (const header of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
        cookies.set(name, value);
      }
      return new URL(response.headers.get('location') ?? '', url);
    };
    const page = await send(client.authorizationUrl());
    const body = new URLSearchParams({ user: 'alice', decision: 'allow' });
    await send(await send(page, { method: 'POST', body, headers: { origin: issuer.url } }));
    return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
});
