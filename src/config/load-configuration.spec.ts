import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ConfigurationError } from './configuration-error.js';
import { loadConfiguration } from './load-configuration.js';

const METADATA = {
  authorization_servers: ['https://acme.scalekit.cloud/resources/res_103532643257156104'],
  bearer_methods_supported: ['header'],
  resource: 'http://localhost:3002/',
  resource_documentation: 'http://localhost:3002/docs',
  scopes_supported: ['todo:read', 'todo:write'],
};
const SCALEKIT = {
  SK_ENV_URL: 'https://acme.scalekit.cloud',
  PROTECTED_RESOURCE_METADATA: JSON.stringify(METADATA),
};
const DERIVED = {
  SK_ENV_URL: 'https://acme.scalekit.cloud',
  MCP_SERVER_ID: 'res_1',
  RESOURCE_URL: 'https://mcp.example.com/mcp',
};

function problemsOf(variables: NodeJS.ProcessEnv): ConfigurationError['problems'] {
  try {
    loadConfiguration(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfiguration', () => {
  it('needs nothing in development', () => {
    const configuration = loadConfiguration({});
    expect(configuration).toMatchObject({
      authModes: ['dev'],
      http: { port: 3002, host: '127.0.0.1', bodyLimit: 1024 ** 2 },
      resource: {
        url: 'http://localhost:3002/mcp',
        path: '/mcp',
        metadataUrl: 'http://localhost:3002/.well-known/oauth-protected-resource/mcp',
      },
      scalekit: { environmentUrl: 'http://localhost:3003' },
      devIssuer: { port: 3003 },
      stateDirectory: '.aerie',
    });
    expect(loadConfiguration({ STATE_DIRECTORY: '/var/aerie' }).stateDirectory).toBe('/var/aerie');
    expect(configuration.scalekit?.audiences).toEqual([
      'http://localhost:3002/mcp',
      configuration.devIssuer?.resourceId,
    ]);
  });

  it('follows PORT in development', () => {
    expect(loadConfiguration({ PORT: '4000' }).resource.url).toBe('http://localhost:4000/mcp');
  });

  it('takes the dashboard document as it is and serves the path of its resource', () => {
    const configuration = loadConfiguration(SCALEKIT);
    expect(configuration.resource).toMatchObject({
      url: 'http://localhost:3002/',
      path: '/',
      metadata: METADATA,
      metadataUrl: 'http://localhost:3002/.well-known/oauth-protected-resource',
      authorizationServerMetadataUrl:
        'https://acme.scalekit.cloud/.well-known/oauth-authorization-server/resources/res_103532643257156104',
    });
    expect(configuration.scalekit?.issuers).toEqual([
      'https://acme.scalekit.cloud',
      'https://acme.scalekit.cloud/resources/res_103532643257156104',
    ]);
    expect(configuration.devIssuer).toBeUndefined();
  });

  it('derives the document from MCP_SERVER_ID and RESOURCE_URL', () => {
    const { resource } = loadConfiguration({ ...DERIVED, SK_ENV_URL: 'https://acme.scalekit.cloud/' });
    expect(resource.metadata).toEqual({
      resource: 'https://mcp.example.com/mcp',
      authorization_servers: ['https://acme.scalekit.cloud/resources/res_1'],
      bearer_methods_supported: ['header'],
    });
  });

  it('is frozen to the leaves', () => {
    const configuration = loadConfiguration({});
    expect(Object.isFrozen(configuration.scalekit?.audiences)).toBe(true);
    expect(Object.isFrozen(configuration.resource.metadata)).toBe(true);
  });

  it('reads a secret from a file, and an empty value as not set', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'aerie-')), 'secret');
    writeFileSync(file, 'from-file\n');
    const configuration = loadConfiguration({ SK_CLIENT_SECRET: '', SK_CLIENT_SECRET_FILE: file, HOST: '' });
    expect(configuration.scalekit?.clientSecret).toBe('from-file');
    expect(configuration.http.host).toBe('127.0.0.1');
  });

  it('warns of pages of every site in production, and only there', () => {
    const open = { ...DERIVED, ALLOWED_ORIGINS: '*' };
    expect(loadConfiguration({ ...open, NODE_ENV: 'production' }).warnings).toEqual([
      expect.stringMatching(/ALLOWED_ORIGINS is "\*"/),
    ]);
    expect(loadConfiguration(open).warnings).toEqual([]);
  });

  it('listens on all interfaces in production and lets no loopback page in', () => {
    const configuration = loadConfiguration({ ...DERIVED, NODE_ENV: 'production' });
    expect(configuration.http.host).toBe('0.0.0.0');
    expect(configuration.edge).toEqual({
      allowedOrigins: ['https://mcp.example.com'],
      allowedHosts: ['mcp.example.com'],
      allowLoopback: false,
    });
  });

  it.each([
    ['a port that is none', { PORT: 'http' }, 'PORT', /"http" is not a usable value/],
    ['an unknown mode', { AUTH_MODE: 'none' }, 'AUTH_MODE', /"none"/],
    ['the issuer in production', { NODE_ENV: 'production' }, 'SK_ENV_URL', /signs anybody in/],
    [
      'dev in production',
      { ...DERIVED, AUTH_MODE: 'dev', NODE_ENV: 'production' },
      'AUTH_MODE',
      /signs anybody in/,
    ],
    [
      'an environment URL with a path',
      { ...DERIVED, SK_ENV_URL: 'https://a.b/resources/res_1' },
      'SK_ENV_URL',
      /path/,
    ],
    [
      'an audience that is somebody else',
      { ...SCALEKIT, EXPECTED_AUDIENCE: 'https://other.example.com' },
      'EXPECTED_AUDIENCE',
      /not this server/,
    ],
    [
      'an audience that lacks the trailing slash',
      { ...SCALEKIT, EXPECTED_AUDIENCE: 'http://localhost:3002' },
      'EXPECTED_AUDIENCE',
      /trailing slash/,
    ],
    [
      'a document that is not JSON',
      { ...SCALEKIT, PROTECTED_RESOURCE_METADATA: "{'resource':1}" },
      'PROTECTED_RESOURCE_METADATA',
      /not JSON/,
    ],
    [
      'a document without authorization servers',
      { ...SCALEKIT, PROTECTED_RESOURCE_METADATA: '{"resource":"http://localhost:3002/"}' },
      'PROTECTED_RESOURCE_METADATA',
      /authorization_servers/,
    ],
    [
      'an http resource in production',
      { ...SCALEKIT, NODE_ENV: 'production' },
      'PROTECTED_RESOURCE_METADATA',
      /not https/,
    ],
    [
      'a resource URL that contradicts the document',
      { ...SCALEKIT, RESOURCE_URL: 'http://localhost:3002' },
      'RESOURCE_URL',
      /trailing slash/,
    ],
    [
      'a server id that contradicts the document',
      { ...SCALEKIT, MCP_SERVER_ID: 'res_2' },
      'MCP_SERVER_ID',
      /res_103532643257156104/,
    ],
    [
      'a document without an environment',
      { PROTECTED_RESOURCE_METADATA: JSON.stringify(METADATA) },
      'PROTECTED_RESOURCE_METADATA',
      /embedded issuer/,
    ],
    [
      'no document',
      { SK_ENV_URL: 'https://a.b' },
      'PROTECTED_RESOURCE_METADATA',
      /MCP_SERVER_ID and RESOURCE_URL/,
    ],
    ['a misspelt environment', { NODE_ENV: 'prod' }, 'NODE_ENV', /"prod"/],
    ['a port in another notation', { PORT: '0x10' }, 'PORT', /0x10/],
    [
      'a URL with credentials',
      { ...DERIVED, SK_ENV_URL: 'https://u:p@a.b' },
      'SK_ENV_URL',
      /^has an unusable value/,
    ],
    ['a scope with quotes', { SIGN_IN_SCOPES: 'a"b' }, 'SIGN_IN_SCOPES', /a"b/],
    ['a hierarchy that is none', { SCOPE_HIERARCHY: 'a > > b' }, 'SCOPE_HIERARCHY', /not a usable value/],
    ['a hierarchy in a circle', { SCOPE_HIERARCHY: 'a > b > a' }, 'SCOPE_HIERARCHY', /circle: a > b > a/],
    ['another way to refuse', { INSUFFICIENT_SCOPE_AS: '401' }, 'INSUFFICIENT_SCOPE_AS', /"401"/],
    ['an empty list of hosts', { ALLOWED_HOSTS: ' , ' }, 'ALLOWED_HOSTS', /not a usable value/],
    ['a path that is a pattern', { RESOURCE_URL: 'http://localhost:3002/:tenant' }, 'RESOURCE_URL', /route/],
    ['a path that is taken', { RESOURCE_URL: 'http://localhost:3002/health' }, 'RESOURCE_URL', /taken/],
    [
      'keys that are given up before they are old',
      { SIGNING_KEYS_MAX_AGE: '1h', SIGNING_KEYS_MAX_STALE: '10m' },
      'SIGNING_KEYS_MAX_STALE',
      /less than/,
    ],
    ['a rate that is none', { RATE_LIMIT_CALLER: '120' }, 'RATE_LIMIT_CALLER', /"120"/],
    [
      'workers beside the embedded issuer',
      { WORKERS: '2', REDIS_URL: 'redis://x' },
      'WORKERS',
      /embedded issuer/,
    ],
    ['workers that share nothing', { ...DERIVED, WORKERS: '2' }, 'WORKERS', /REDIS_URL/],
    ['a store that is no Redis', { REDIS_URL: 'http://x' }, 'REDIS_URL', /http/],
    ['a proxy that is no address', { TRUSTED_PROXIES: 'everybody' }, 'TRUSTED_PROXIES', /everybody/],
    ['equal ports', { PORT: '3003' }, 'DEV_ISSUER_PORT', /3003/],
    ['an origin with a path', { ALLOWED_ORIGINS: 'https://a.b/c' }, 'ALLOWED_ORIGINS', /a\.b\/c/],
    ['a token cache beyond a minute', { TOKEN_CACHE: '2m' }, 'TOKEN_CACHE', /2m/],
    ['a file that is not there', { SK_CLIENT_SECRET_FILE: '/nowhere/x' }, 'SK_CLIENT_SECRET_FILE', /ENOENT/],
    ['a value given twice', { PORT: '1', PORT_FILE: '/x' }, 'PORT', /PORT_FILE/],
  ] satisfies [string, NodeJS.ProcessEnv, string, RegExp][])(
    'refuses %s',
    (_what, variables, variable, text) => {
      const problems = problemsOf(variables);
      expect(problems).toEqual([expect.objectContaining({ variable, problem: expect.stringMatching(text) })]);
      expect(problems[0]?.remedy).toMatch(/\w/);
    },
  );

  it('reports every problem at once', () => {
    const problems = problemsOf({
      NODE_ENV: 'production',
      PORT: '0',
      SK_ENV_URL: 'https://acme.scalekit.cloud/resources/res_1',
      EXPECTED_AUDIENCE: 'http://localhost:3002',
      PROTECTED_RESOURCE_METADATA: JSON.stringify(METADATA),
      BODY_LIMIT: 'much',
    });
    expect(problems.map(({ variable }) => variable)).toEqual([
      'PORT',
      'BODY_LIMIT',
      'SK_ENV_URL',
      'EXPECTED_AUDIENCE',
      'PROTECTED_RESOURCE_METADATA',
    ]);
  });

  it('reads rates, workers and proxies', () => {
    const configuration = loadConfiguration({
      ...DERIVED,
      RATE_LIMIT_CALLER: '10/s',
      RATE_LIMIT_ORGANIZATION: 'off',
      REDIS_URL: 'redis://localhost:6379',
      WORKERS: '3',
      TRUSTED_PROXIES: 'loopback, 172.16.0.0/12',
    });
    expect(configuration.limits).toEqual({
      caller: { points: 10, window: 1 },
      organization: undefined,
      tool: undefined,
      invalidTokens: { points: 30, window: 60 },
      inFlight: { instance: 1_000, organization: 200 },
    });
    expect(configuration.workers).toBe(3);
    expect(configuration.http.trustedProxies).toEqual(['loopback', '172.16.0.0/12']);
  });

  it('never shows the value of a secret', () => {
    const error = new ConfigurationError(
      problemsOf({ SK_CLIENT_SECRET: 'hush', REDIS_URL: 'http://:hush@x', PORT: 'x' }),
    );
    expect(error.message).not.toContain('hush');
    expect(error.message).toContain('PORT');
  });
});
