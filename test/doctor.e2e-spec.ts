import type { RequestListener } from 'node:http';

import { SignJWT } from 'jose';

import { noAnswer } from '../src/cli/doctor/connection.js';
import type { Finding } from '../src/cli/doctor/finding.js';
import { NoAnswerError } from '../src/cli/doctor/probe.js';
import { startAerie } from './support/aerie.js';
import { commandLine } from './support/command-line.js';
import { freePort } from './support/ports.js';
import { startSickServer, type Symptoms } from './support/sick-server.js';

const METADATA = '/.well-known/oauth-protected-resource';

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(code, headers).end();

/** Endpoint without CORS. */
const withoutCors: RequestListener = (request, response) =>
  void response
    .writeHead(401, {
      'content-type': 'application/json',
      'www-authenticate': `Bearer resource_metadata="http://${request.headers.host}${METADATA}/mcp"`,
    })
    .end('{}');

const TEN_MINUTES_MS = 600_000;
const PAST_SECONDS = 1_000_000_000;

describe('doctor', () => {
  /** Findings about a server with these symptoms. */
  async function examine(
    symptoms: Symptoms,
    ...options: string[]
  ): Promise<{ code: number; findings: readonly Finding[] }> {
    const server = await startSickServer(symptoms);
    try {
      const { code, out } = await commandLine(['doctor', server.url, '--json', ...options]);
      const { findings } = JSON.parse(out) as { findings: Finding[] };
      return { code, findings };
    } finally {
      server.close();
    }
  }

  it.each(['on', 'off'])('has no findings about a healthy server, with sessions %s', async (sessions) => {
    const aerie = await startAerie({ environment: { MCP_SESSIONS: sessions } });
    try {
      const healthy = { code: 0, out: `${aerie.url}: no findings.\n`, err: '' };
      expect(await commandLine(['doctor', aerie.url])).toEqual(healthy);
      expect(
        await commandLine(['doctor', aerie.url, '--token', '-'], { input: await aerie.token() }),
      ).toEqual(healthy);
    } finally {
      await aerie.close();
    }
  });

  it('warns about the origin of --origin only, if a server allows its own pages alone', async () => {
    const aerie = await startAerie({ environment: { ALLOWED_ORIGINS: 'https://mcp.example.com' } });
    const ids = async (...options: string[]): Promise<unknown> => {
      const { code, out } = await commandLine(['doctor', aerie.url, '--json', ...options]);
      const { findings } = JSON.parse(out) as { findings: Finding[] };
      return { code, ids: findings.map(({ id }) => id) };
    };
    try {
      const allowed = { code: 0, ids: [] };
      expect(await ids()).toEqual({ code: 0, ids: ['cors_preflight'] });
      expect(await ids('--token', await aerie.token())).toEqual({ code: 0, ids: ['cors_preflight'] });
      expect(await ids('--origin', 'https://mcp.example.com')).toEqual(allowed);
    } finally {
      await aerie.close();
    }
  });

  it('has no findings about the server of this test without symptoms', async () => {
    expect(await examine({}, '--token', 'good')).toEqual({ code: 0, findings: [] });
  });

  it.each<[string, string[], Symptoms]>([
    ['metadata for another resource', ['resource_mismatch'], { resource: 'https://other.example.com/mcp' }],
    [
      'metadata whose resource has a slash at the end',
      ['resource_mismatch'],
      { resource: 'http://localhost/mcp/' },
    ],
    ['no metadata', ['metadata_missing'], { answers: { [`${METADATA}/mcp`]: status(404) } }],
    ['metadata that is a page', ['metadata_missing'], { answers: { [`${METADATA}/mcp`]: status(200) } }],
    ['no authorization server', ['no_authorization_server'], { metadata: { authorization_servers: [] } }],
    [
      'an authorization server without metadata',
      ['authorization_server_missing'],
      { answers: { '/.well-known/oauth-authorization-server': status(302, { location: '/elsewhere' }) } },
    ],
    [
      'an authorization server whose address has no scheme',
      ['authorization_server_missing'],
      { metadata: { authorization_servers: ['idp.example.com:8443/realm'] } },
    ],
    ['another issuer', ['wrong_issuer'], { server: { issuer: 'https://other.example.com' } }],
    ['no PKCE', ['no_pkce'], { server: { code_challenge_methods_supported: undefined } }],
    ['PKCE without S256', ['no_pkce'], { server: { code_challenge_methods_supported: ['plain'] } }],
    ['no registration', ['no_registration'], { server: { registration_endpoint: undefined } }],
    [
      'endpoints without TLS',
      ['authorization_server_incomplete'],
      { server: { token_endpoint: 'http://example.com/token' } },
    ],
    ['no key set', ['keys_unreachable'], { answers: { '/keys': status(500) } }],
    ['an empty key set', ['keys_empty'], { keys: { keys: [] } }],
    ['an expired key set', ['keys_expired'], { keys: { keys: [{ kid: 'k', exp: PAST_SECONDS }] } }],
    [
      'an old copy of the key set',
      ['keys_stale'],
      { keyHeaders: { 'cache-control': 'max-age=60', age: '3600' } },
    ],
    ['no WWW-Authenticate', ['no_challenge'], { challenge: null }],
    [
      'a challenge that names no document',
      ['challenge_metadata'],
      { challenge: 'Bearer resource_metadata="http://localhost:1/"' },
    ],
    ['403 in place of 401', ['no_401'], { answers: { '/mcp': status(403), '/mcp/': status(403) } }],
    [
      'an outage and no PKCE',
      ['no_401', 'no_pkce'],
      {
        answers: { '/mcp': status(503), '/mcp/': status(503) },
        server: { code_challenge_methods_supported: undefined },
      },
    ],
    ['a clock 10 minutes behind', ['clock'], { date: new Date(Date.now() - TEN_MINUTES_MS) }],
    ['a clock 10 minutes ahead', ['clock'], { date: new Date(Date.now() + TEN_MINUTES_MS) }],
    [
      'a redirect to https',
      ['redirect'],
      { answers: { '/mcp': status(301, { location: 'https://localhost/mcp' }) } },
    ],
  ])('names %s as an error', async (_what, ids, symptoms) => {
    const { code, findings } = await examine(symptoms);
    expect(findings.filter(({ severity }) => severity === 'error').map(({ id }) => id)).toEqual(ids);
    expect(code).toBe(1);
    for (const { problem, remedy, clients } of findings) {
      expect([problem, remedy]).toEqual([expect.stringMatching(/\.$/), expect.stringMatching(/\.$/)]);
      expect(clients.length).toBeGreaterThan(0);
    }
  });

  it.each<[string, string[], Symptoms]>([
    ['no CORS', ['cors_preflight'], { answers: { '/mcp': withoutCors } }],
    [
      'a public server, which needs no metadata',
      ['no_sign_in', 'metadata_missing', 'metadata_missing_at_root', 'cors_preflight'],
      { answers: { '/mcp': status(200), [`${METADATA}/mcp`]: status(404), [METADATA]: status(404) } },
    ],
    ['a challenge that pages cannot read', ['cors_exposed_headers'], { exposed: 'Mcp-Session-Id' }],
    [
      'a redirect to the address with a slash',
      ['trailing_slash'],
      { answers: { '/mcp/': status(308, { location: '/mcp' }) } },
    ],
    [
      'metadata at one of two places only',
      ['metadata_missing_at_root'],
      { answers: { [METADATA]: status(404) } },
    ],
    [
      'metadata that is only where the challenge says',
      ['metadata_missing'],
      {
        answers: { [`${METADATA}/mcp`]: status(404) },
        challenge: `Bearer resource_metadata="ORIGIN${METADATA}"`,
      },
    ],
    ['a challenge without the metadata', ['challenge_without_metadata'], { challenge: 'Bearer realm="mcp"' }],
    [
      'metadata without the way to send tokens',
      ['bearer_methods'],
      { metadata: { bearer_methods_supported: undefined } },
    ],
  ])('names %s as a warning', async (_what, ids, symptoms) => {
    const { code, findings } = await examine(symptoms);
    expect(findings.map(({ id, severity }) => [severity, id])).toEqual(ids.map((id) => ['warning', id]));
    expect(code).toBe(0);
  });

  it('says why a token is rejected', async () => {
    const token = await new SignJWT({ iss: 'https://issuer.example', aud: 'https://other.example/mcp' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(PAST_SECONDS)
      .sign(Buffer.alloc(32));
    const { code, findings } = await examine({}, '--token', token);
    expect(code).toBe(1);
    expect(findings).toEqual([expect.objectContaining({ id: 'token_rejected', severity: 'error' })]);
    const problem = findings[0]?.problem;
    expect(problem).toContain('The token is wrong. It expired at 2001-09-09T01:46:40.000Z.');
    expect(problem).toMatch(
      /Its audience is https:\/\/other\.example\/mcp, not http:\/\/localhost:\d+\/mcp\./,
    );
    expect(problem).toContain('Its issuer is https://issuer.example.');
    expect(problem).not.toContain(token);
    expect((await examine({}, '--token', 'opaque')).findings[0]?.problem).toContain(
      'The access token is not a JWT.',
    );
  });

  it.each([
    [429, {}, 'Wait'],
    [500, { error: { message: 'Internal error.' } }, 'read its log'],
    [503, { error_description: 'No keys.' }, 'authorization server'],
    [400, {}, 'log of the server'],
  ])('does not blame the token for HTTP %i', async (code, body, remedy) => {
    const withToken: RequestListener = (request, response) => {
      if (request.headers.authorization === undefined) return withoutCors(request, response);
      return response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const { findings } = await examine({ answers: { '/mcp': withToken } }, '--token', 'opaque');
    const finding = findings.find(({ severity }) => severity === 'error');
    expect(finding).toMatchObject({
      id: 'token_unchecked',
      problem: expect.stringContaining(`HTTP ${code}`),
      remedy: expect.stringContaining(remedy),
    });
    expect(finding?.problem).not.toContain('JWT');
  });

  it('keeps its other findings if only a request with a token gets no response', async () => {
    const withToken: RequestListener = (request, response) => {
      if (request.headers.authorization === undefined) withoutCors(request, response);
      else response.destroy();
    };
    const { code, findings } = await examine({ answers: { '/mcp': withToken } }, '--token', 'opaque');
    expect([code, findings.map(({ id }) => id)]).toEqual([1, ['cors_preflight', 'token_unchecked']]);
  });

  it('accepts a Bearer challenge after one of another scheme', async () => {
    const { findings } = await examine({ challenge: 'Basic realm="a", Bearer realm="mcp"' });
    expect(findings.map(({ id }) => id)).toEqual(['challenge_without_metadata']);
  });

  it('warns about a GET that leaves clients waiting or confused', async () => {
    expect(await examine({ listening: 404 }, '--token', 'good')).toEqual({
      code: 0,
      findings: [expect.objectContaining({ id: 'get_answer', severity: 'warning' })],
    });
  });

  it('gives the address of the endpoint if only the path is wrong', async () => {
    const aerie = await startAerie();
    try {
      const { out } = await commandLine(['doctor', new URL('/', aerie.url).href]);
      expect(out).toContain(`→ Give clients ${aerie.url}, or set RESOURCE_URL to `);
    } finally {
      await aerie.close();
    }
  });

  it('says once that a token is not a JWT', async () => {
    const aerie = await startAerie();
    try {
      const { out } = await commandLine(['doctor', aerie.url, '--token', 'opaque']);
      expect(out.match(/not a JWT/g)).toHaveLength(1);
    } finally {
      await aerie.close();
    }
  });

  it('prints each finding with its remedy and the clients that it breaks', async () => {
    const server = await startSickServer({ server: { registration_endpoint: undefined } });
    const { code, out } = await commandLine(['doctor', server.url]);
    server.close();
    expect(code).toBe(1);
    expect(out).toMatch(
      /^http:\/\/localhost:\d+\/mcp: 1 finding\.\n\nError: Clients cannot register.* \[no_registration\]\n {2}→ .*\n {2}Breaks: Claude, .*\.\n$/,
    );
  });

  it.each([
    [
      'a scheme',
      (url: string) => url.replace('http:', 'https:'),
      { id: 'tls', problem: 'answers without TLS' },
    ],
    ['a path', (url: string) => `${url}/typo`, { id: 'no_401', remedy: 'path of the endpoint' }],
  ])('names %s that is wrong, and nothing that follows from it', async (_what, wrong, { id, ...texts }) => {
    const aerie = await startAerie();
    try {
      const { out } = await commandLine(['doctor', wrong(aerie.url), '--json']);
      const { findings } = JSON.parse(out) as { findings: Finding[] };
      const others = findings.filter((finding) => finding.id !== 'resource_mismatch');
      expect(others.map((finding) => finding.id)).toEqual([id]);
      for (const [name, text] of Object.entries(texts))
        expect(others[0]).toHaveProperty(name, expect.stringContaining(text));
    } finally {
      await aerie.close();
    }
  });

  it('names a server that cannot be reached, and a wrong certificate', async () => {
    const { code, out } = await commandLine(['doctor', `http://localhost:${await freePort()}/mcp`]);
    expect(code).toBe(1);
    expect(out).toMatch(/cannot be reached \(.+\)\. \[unreachable\]/);
    const url = new URL('https://mcp.example.com/mcp');
    expect(
      noAnswer(new NoAnswerError(url, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed', undefined), {}),
    ).toMatchObject({
      id: 'tls',
      problem: 'https://mcp.example.com/mcp has no valid TLS certificate (self-signed).',
      remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    const proxied = { HTTPS_PROXY: 'http://proxy.example.com' };
    expect(noAnswer(new NoAnswerError(url, 'ENOTFOUND', 'unknown', undefined), proxied)).toMatchObject({
      id: 'unreachable',
      remedy: expect.stringContaining('NODE_USE_ENV_PROXY=1'),
    });
    expect(await commandLine(['doctor', 'mcp.example.com'])).toMatchObject({ code: 2 });
    for (const origin of ['app.example.com', 'https://app.example.com/page'])
      expect(await commandLine(['doctor', url.href, '--origin', origin])).toMatchObject({
        code: 2,
        err: expect.stringContaining(`--origin "${origin}" is not the origin of a page`),
      });
  });
});
