import { OAuthClient, signIn } from '../../../test/support/sign-in.js';
import { startDevIssuer, type DevIssuer } from '../dev-issuer.js';

const DOCUMENT_URL = 'https://editor.example/client.json';
const PUBLISHED_URL = 'https://editor.example/published.json';
const USES: Readonly<Record<string, string[]>> = {
  'usr:read': ['Greet a user'],
  'usr:write': ['Rename', 'Invite', 'Remove', 'Merge', 'Export'],
};

describe('the sign-in page', () => {
  let issuer: DevIssuer;

  beforeAll(async () => {
    issuer = await startDevIssuer({
      port: 0,
      resourceUrl: 'http://localhost:3002/mcp',
      scopes: () => ['usr:read', 'usr:write', 'admin'],
      usesOf: (scope) => USES[scope] ?? [],
      clientMetadataDocuments: {
        [PUBLISHED_URL]: {
          client_id: PUBLISHED_URL,
          client_name: 'Published',
          redirect_uris: ['https://editor.example/callback'],
        },
      },
    });
  });
  afterAll(() => issuer.close());

  async function open(
    metadata: Record<string, unknown> = {},
    parameters: Record<string, string> = {},
  ): Promise<{ url: string; cookie: string; response: Response; text: string }> {
    const client = await OAuthClient.register(issuer.resourceIssuer, metadata);
    return openAt(client.authorizationUrl(parameters));
  }

  async function openAt(
    authorizationUrl: URL,
  ): Promise<{ url: string; cookie: string; response: Response; text: string }> {
    const redirect = await fetch(authorizationUrl, { redirect: 'manual' });
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
    expect(text).toContain('demo users without passwords');
    for (const user of ['alice', 'bob', 'carol']) expect(text).toContain(`value="${user}"`);
    expect(text).toContain('Gets 1 of 3 requested scopes');
    expect(text).toContain('unverified');
  });

  it('describes scopes by the tools that need them', async () => {
    const { text } = await open({}, { scope: 'openid offline_access usr:read usr:write admin' });
    const shown = [...text.matchAll(/<li>\s*<code>([^<]*)<\/code>(?:<span>([^<]*))?/g)].map(
      ([, ...parts]) => parts,
    );
    expect(shown).toEqual([
      ['openid', 'know who you are'],
      ['offline_access', 'stay signed in'],
      ['usr:read', 'Greet a user'],
      ['usr:write', 'Rename, Invite, Remove and 2 more'],
      ['admin', undefined],
    ]);
  });

  it('leaves unknown scopes out, and says so', async () => {
    const { text } = await open({}, { scope: 'usr:read no:such' });
    expect(text).toContain('this server has no such scope: no:such');
  });

  it('refuses a request of unknown scopes only, and names them', async () => {
    const client = await OAuthClient.register(issuer.resourceIssuer);
    const callback = await signIn(client.authorizationUrl({ scope: 'no:such nor:this' }));
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({
      error: 'invalid_scope',
      error_description: 'this server has no scope no:such nor:this',
      state: 'xyz',
    });
  });

  it('preselects a user who may have a requested scope, and disables the others', async () => {
    const { text } = await open({}, { scope: 'admin', login_hint: 'carol' });
    expect(text).toMatch(/value="alice"\s+required\s+checked/);
    expect(text).toMatch(/value="carol"\s+required\s+disabled/);
  });

  it('keeps the name of a client from hiding or reversing the text around it', async () => {
    const { text } = await open({ client_name: `Cursor\u202E\u200B${' verified'.repeat(500)}` });
    expect(text).toContain(`<bdi class="client">Cursor${' verified'.repeat(8)} v…</bdi> wants to connect`);
  });

  it('names the host of a metadata document, which is certain', async () => {
    const client = new OAuthClient(issuer.resourceIssuer, PUBLISHED_URL, 'https://editor.example/callback');
    jest.spyOn(console, 'warn').mockImplementation();
    const { text } = await openAt(client.authorizationUrl());
    expect(text).toContain('Published at <b>editor.example</b>');
    expect(text).not.toContain('unverified');
  });

  describe('for an application with a private-use scheme', () => {
    const redirectUri = 'cursor://anysphere.cursor-mcp/oauth/callback';
    const decide = async (
      decision: string,
      parameters = {},
    ): Promise<{ response: Response; text: string }> => {
      const { url, cookie } = await open({ client_name: 'Cursor', redirect_uris: [redirectUri] }, parameters);
      const browser = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ user: 'alice', decision }),
        headers: { cookie, origin: issuer.url },
        redirect: 'manual',
      });
      const resume = new URL(browser.headers.get('location') ?? '', issuer.url);
      const cookies = [cookie, ...browser.headers.getSetCookie().map((header) => header.split(';')[0])];
      const response = await fetch(resume, { headers: { cookie: cookies.join('; ') }, redirect: 'manual' });
      return { response, text: await response.text() };
    };

    it('says that the user can return, opens the application, and links to it', async () => {
      const { response, text } = await decide('allow');
      const location = response.headers.get('location') ?? '';
      const escaped = location.replaceAll('&', '&amp;');
      expect(location).toMatch(/^cursor:\/\/anysphere\.cursor-mcp\/oauth\/callback\?code=/);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(text).toContain('Signed in. You can return to Cursor.');
      expect(text).toContain(`<meta http-equiv="refresh" content="0;url=${escaped}" />`);
      expect(text).toContain(`href="${escaped}"`);
    });

    it('says so too if the user denied', async () => {
      const { text } = await decide('deny');
      expect(text).toContain('Not signed in. You can return to Cursor.');
      expect(text).toContain('the user denied the request');
    });

    it('redirects as usual without a page', async () => {
      const client = await OAuthClient.register(issuer.resourceIssuer, { redirect_uris: [redirectUri] });
      const response = await fetch(client.authorizationUrl({ prompt: 'none' }), { redirect: 'manual' });
      expect(response.status).toBe(303);
      expect(response.headers.get('location')).toContain(`${redirectUri}?error=`);
    });
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
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; base-uri 'none'; frame-ancestors 'none'$/,
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
