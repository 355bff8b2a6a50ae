import { generateKeyPairSync } from 'node:crypto';
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
const PUBLIC_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const OWN_KEYS = { AUTH_MODE: 'jwt', JWT_PUBLIC_KEY: PUBLIC_KEY, JWT_ISSUER: 'http://localhost:8000' };

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
  it('needs no variables in development', () => {
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
      'http://127.0.0.1:3002/mcp',
      'http://[::1]:3002/mcp',
      configuration.devIssuer?.resourceId,
    ]);
  });

  it('lets tests start without the embedded issuer', () => {
    expect(loadConfiguration({}).devIssuer).toMatchObject({ isOptional: false });
    expect(loadConfiguration({ NODE_ENV: 'test' }).devIssuer).toMatchObject({ isOptional: true });
  });

  it('lets tokens of the embedded issuer live as long as the server accepts, at most an hour', () => {
    const lifetime = (environment: NodeJS.ProcessEnv): number | undefined =>
      loadConfiguration(environment).devIssuer?.accessTokenLifetimeSeconds;
    expect([lifetime({}), lifetime({ MAX_TOKEN_LIFETIME: '10m' })]).toEqual([3_600, 600]);
  });

  it('follows PORT in development', () => {
    expect(loadConfiguration({ PORT: '4000' }).resource.url).toBe('http://localhost:4000/mcp');
  });

  it('uses the dashboard document unchanged and serves the path of its resource', () => {
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

  it('is deeply frozen', () => {
    const configuration = loadConfiguration({});
    expect(Object.isFrozen(configuration.scalekit?.audiences)).toBe(true);
    expect(Object.isFrozen(configuration.resource.metadata)).toBe(true);
  });

  it('reads a secret from a file and treats an empty value as not set', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'aerie-')), 'secret');
    writeFileSync(file, 'from-file\n');
    const configuration = loadConfiguration({ SK_CLIENT_SECRET: '', SK_CLIENT_SECRET_FILE: file, HOST: '' });
    expect(configuration.scalekit?.clientSecret).toBe('from-file');
    expect(configuration.http.host).toBe('127.0.0.1');
  });

  it('accepts metrics on the same port of another address', () => {
    const variables = { HOST: '10.0.0.1', PORT: '3100', METRICS_HOST: '10.0.0.2', METRICS_PORT: '3100' };
    expect(loadConfiguration(variables).telemetry.metrics).toEqual({ host: '10.0.0.2', port: 3100 });
  });

  it('warns about several instances that cannot continue each other’s calls', () => {
    const shared = { ...DERIVED, NODE_ENV: 'production', REDIS_URL: 'redis://redis:6379' };
    expect(loadConfiguration(shared).warnings).toEqual([expect.stringMatching(/REQUEST_STATE_SECRET/)]);
    const REQUEST_STATE_SECRET = 'x'.repeat(32);
    expect(loadConfiguration({ ...shared, REQUEST_STATE_SECRET }).warnings).toEqual([]);
  });

  it('warns if a new password of the database would need a migration', () => {
    const production = {
      ...DERIVED,
      NODE_ENV: 'production',
      DATABASE_URL: 'postgresql://user:secret@db/aerie',
    };
    expect(loadConfiguration(production).warnings).toEqual([
      expect.stringMatching(/^DATABASE_TENANT_SECRET is not set/),
    ]);
    const DATABASE_TENANT_SECRET = 'a-secret-that-is-long-enough-for-this';
    expect(loadConfiguration({ ...production, DATABASE_TENANT_SECRET }).warnings).toEqual([]);
    expect(loadConfiguration({ DATABASE_URL: production.DATABASE_URL }).warnings).toEqual([]);
  });

  it('warns about instructions that ChatGPT may not read to the end', () => {
    const warnings = (length: number): readonly string[] =>
      loadConfiguration({ ...DERIVED, SERVER_INSTRUCTIONS: 'x'.repeat(length) }).warnings;
    expect(warnings(512)).toEqual([]);
    expect(warnings(513)).toEqual([
      expect.stringMatching(/^SERVER_INSTRUCTIONS has 513 characters: .*Shorten it/),
    ]);
  });

  it('warns about body memory smaller than one body', () => {
    const small = {
      ...DERIVED,
      BODY_LIMIT: '2mb',
      MAX_BODY_BYTES: '1mb',
      MAX_BODY_BYTES_PER_CALLER: '1kb',
      RESULT_LIMIT: '1kb',
    };
    expect(loadConfiguration(small).warnings).toEqual([
      expect.stringMatching(/^MAX_BODY_BYTES is 1048576 bytes, less than BODY_LIMIT/),
      expect.stringMatching(/^MAX_BODY_BYTES_PER_CALLER is 1024 bytes/),
    ]);
    expect(loadConfiguration({ ...small, BODY_LIMIT: '1kb' }).warnings).toEqual([]);
  });

  it('warns about results larger than the memory of a caller', () => {
    const warnings = (more: object): readonly string[] =>
      loadConfiguration({ ...DERIVED, BODY_LIMIT: '64kb', ...more }).warnings;
    expect(warnings({})).toEqual([expect.stringMatching(/^RESULT_LIMIT is 4194304 characters, more than/)]);
    expect(warnings({ RESULT_LIMIT: '1mb' })).toEqual([]);
    expect(warnings({ MAX_BODY_BYTES_PER_CALLER: '4mb' })).toEqual([]);
  });

  it('warns about origins of any site, only in production', () => {
    const open = { ...DERIVED, ALLOWED_ORIGINS: '*' };
    expect(loadConfiguration({ ...open, NODE_ENV: 'production' }).warnings).toEqual([
      expect.stringMatching(/ALLOWED_ORIGINS is "\*"/),
    ]);
    expect(loadConfiguration(open).warnings).toEqual([]);
  });

  it('warns about a trailing slash that no metadata document confirms', () => {
    const slash = { ...DERIVED, RESOURCE_URL: 'https://mcp.example.com/mcp/' };
    expect(loadConfiguration(slash).warnings).toEqual([
      expect.stringMatching(/RESOURCE_URL.*trailing slash/),
    ]);
    const root = { ...DERIVED, RESOURCE_URL: 'https://mcp.example.com/' };
    expect(loadConfiguration(root).warnings).toEqual([]);
  });

  it('does not request offline_access, and warns about it', () => {
    const { resource, warnings } = loadConfiguration({
      ...DERIVED,
      SIGN_IN_SCOPES: 'openid offline_access todo:read',
    });
    expect(resource.signInScopes).toEqual(['openid', 'todo:read']);
    expect(warnings).toEqual([expect.stringMatching(/^SIGN_IN_SCOPES has offline_access, which is ignored/)]);
  });

  it('warns about a misspelled variable, also next to a problem that it may explain', () => {
    const warning = expect.stringMatching(/^SK_ENV_URI .* Did you mean SK_ENV_URL\?$/);
    expect(loadConfiguration({ SK_ENV_URI: 'https://acme.scalekit.com' }).warnings).toEqual([warning]);
    expect(() =>
      loadConfiguration({ NODE_ENV: 'production', SK_ENV_URI: 'https://acme.scalekit.com' }),
    ).toThrow(/Note: SK_ENV_URI is not a variable of Aerie/);
  });

  it('listens on all interfaces in production and rejects loopback origins', () => {
    const configuration = loadConfiguration({ ...DERIVED, NODE_ENV: 'production' });
    expect(configuration.http.host).toBe('0.0.0.0');
    expect(configuration.edge).toEqual({
      allowedOrigins: ['https://mcp.example.com'],
      allowedHosts: ['mcp.example.com'],
      allowLoopback: false,
    });
  });

  it.each([
    ['an invalid port', { PORT: 'http' }, 'PORT', /"http" is invalid/],
    ['an unknown mode', { AUTH_MODE: 'none' }, 'AUTH_MODE', /"none"/],
    ['an empty list of modes', { AUTH_MODE: ',' }, 'AUTH_MODE', /","/],
    [
      'the embedded issuer together with Scalekit',
      { ...DERIVED, AUTH_MODE: 'scalekit,dev' },
      'AUTH_MODE',
      /cannot be used together/,
    ],
    [
      'own keys without AUTH_MODE',
      { ...OWN_KEYS, AUTH_MODE: '' },
      'AUTH_MODE',
      /not set, so JWT_PUBLIC_KEY, JWT_ISSUER would be ignored/,
    ],
    [
      'own keys without AUTH_MODE in production',
      { ...OWN_KEYS, AUTH_MODE: '', NODE_ENV: 'production', RESOURCE_URL: 'https://mcp.example.com/mcp' },
      'AUTH_MODE',
      /would be ignored/,
    ],
    [
      'own keys next to Scalekit without AUTH_MODE',
      { ...DERIVED, ...OWN_KEYS, AUTH_MODE: '' },
      'AUTH_MODE',
      /would be ignored/,
    ],
    [
      'own keys with AUTH_MODE=scalekit',
      { ...DERIVED, ...OWN_KEYS, AUTH_MODE: 'scalekit' },
      'AUTH_MODE',
      /is "scalekit", so/,
    ],
    [
      'Scalekit with AUTH_MODE=jwt',
      { ...OWN_KEYS, ...SCALEKIT },
      'AUTH_MODE',
      /is "jwt", so SK_ENV_URL, PROTECTED_RESOURCE_METADATA would be ignored/,
    ],
    ['own keys without a key', { AUTH_MODE: 'jwt', JWT_ISSUER: 'me' }, 'JWT_PUBLIC_KEY', /JWT_JWKS_URI/],
    [
      'keys from two places',
      { ...OWN_KEYS, JWT_JWKS_URI: 'https://a.b/jwks' },
      'JWT_PUBLIC_KEY',
      /together with JWT_JWKS_URI/,
    ],
    [
      'own keys without an issuer',
      { ...OWN_KEYS, JWT_ISSUER: '' },
      'JWT_ISSUER',
      /recognized by their issuer/,
    ],
    ['an empty list of issuers', { ...OWN_KEYS, JWT_ISSUER: ', ,' }, 'JWT_ISSUER', /is invalid/],
    [
      'the issuer of Scalekit',
      {
        ...DERIVED,
        ...OWN_KEYS,
        AUTH_MODE: 'scalekit,jwt',
        JWT_ISSUER: 'me, https://acme.scalekit.cloud/resources/res_1',
      },
      'JWT_ISSUER',
      /resources\/res_1" is the issuer of the authorization server/,
    ],
    [
      'the issuer of the embedded issuer',
      { ...OWN_KEYS, AUTH_MODE: 'dev,jwt', JWT_ISSUER: 'http://localhost:3003' },
      'JWT_ISSUER',
      /authorization server/,
    ],
    [
      'a key that is a path',
      { ...OWN_KEYS, JWT_PUBLIC_KEY: 'public.pem' },
      'JWT_PUBLIC_KEY',
      /neither a PEM key/,
    ],
    ['a symmetric algorithm', { ...OWN_KEYS, JWT_ALGORITHMS: 'RS256,HS256' }, 'JWT_ALGORITHMS', /HS256/],
    ['no algorithm', { ...OWN_KEYS, JWT_ALGORITHMS: 'none' }, 'JWT_ALGORITHMS', /none/],
    [
      'an algorithm without a key',
      { ...OWN_KEYS, JWT_ALGORITHMS: 'RS256,ES256' },
      'JWT_ALGORITHMS',
      /ES256, for which/,
    ],
    [
      'a clock tolerance of an hour',
      { ...OWN_KEYS, JWT_CLOCK_TOLERANCE: '1h' },
      'JWT_CLOCK_TOLERANCE',
      /"1h"/,
    ],
    [
      'an http key set in production',
      {
        ...OWN_KEYS,
        JWT_PUBLIC_KEY: '',
        JWT_JWKS_URI: 'http://a.b/jwks',
        NODE_ENV: 'production',
        RESOURCE_URL: 'https://a.b/mcp',
      },
      'JWT_JWKS_URI',
      /not https/,
    ],
    [
      'own keys in production without a URL',
      { ...OWN_KEYS, NODE_ENV: 'production' },
      'RESOURCE_URL',
      /not set/,
    ],
    [
      'own keys with the embedded issuer in production',
      { ...OWN_KEYS, AUTH_MODE: 'dev,jwt', NODE_ENV: 'production', RESOURCE_URL: 'https://a.b/mcp' },
      'AUTH_MODE',
      /signs anybody in/,
    ],
    [
      'a required scope with quotes',
      { ...OWN_KEYS, JWT_REQUIRED_SCOPES: 'a"b' },
      'JWT_REQUIRED_SCOPES',
      /a"b/,
    ],
    ['no required scope', { ...OWN_KEYS, JWT_REQUIRED_SCOPES: ',' }, 'JWT_REQUIRED_SCOPES', /","/],
    [
      'a missing public key file',
      { ...OWN_KEYS, JWT_PUBLIC_KEY: '', JWT_PUBLIC_KEY_FILE: '/nowhere/x' },
      'JWT_PUBLIC_KEY_FILE',
      /ENOENT/,
    ],
    [
      'a missing file of the environment URL',
      { ...DERIVED, NODE_ENV: 'production', SK_ENV_URL: '', SK_ENV_URL_FILE: '/nowhere/x' },
      'SK_ENV_URL_FILE',
      /ENOENT/,
    ],
    ['the embedded issuer in production', { NODE_ENV: 'production' }, 'SK_ENV_URL', /signs anybody in/],
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
      'the audience of another server',
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
      'a document without an environment URL',
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
    ['a misspelled environment', { NODE_ENV: 'prod' }, 'NODE_ENV', /"prod"/],
    ['a port in another notation', { PORT: '0x10' }, 'PORT', /0x10/],
    ['a URL with credentials', { ...DERIVED, SK_ENV_URL: 'https://u:p@a.b' }, 'SK_ENV_URL', /^is invalid/],
    ['a scope with quotes', { SIGN_IN_SCOPES: 'a"b' }, 'SIGN_IN_SCOPES', /a"b/],
    ['an invalid hierarchy', { SCOPE_HIERARCHY: 'a > > b' }, 'SCOPE_HIERARCHY', /is invalid/],
    ['a cyclic hierarchy', { SCOPE_HIERARCHY: 'a > b > a' }, 'SCOPE_HIERARCHY', /cycle: a > b > a/],
    ['a secret that is too short', { REQUEST_STATE_SECRET: 'short' }, 'REQUEST_STATE_SECRET', /^is invalid/],
    ['invalid icons', { SERVER_ICONS: 'icon.png' }, 'SERVER_ICONS', /"icon.png"/],
    [
      'an unknown response to insufficient scope',
      { INSUFFICIENT_SCOPE_AS: '401' },
      'INSUFFICIENT_SCOPE_AS',
      /"401"/,
    ],
    ['an empty list of hosts', { ALLOWED_HOSTS: ' , ' }, 'ALLOWED_HOSTS', /is invalid/],
    ['a path that is a pattern', { RESOURCE_URL: 'http://localhost:3002/:tenant' }, 'RESOURCE_URL', /route/],
    ['a reserved path', { RESOURCE_URL: 'http://localhost:3002/health' }, 'RESOURCE_URL', /reserved/],
    [
      'a reserved path of the endpoint',
      { RESOURCE_URL: 'http://localhost:3002/mcp', MCP_PATH: '/health/mcp' },
      'MCP_PATH',
      /"\/health\/mcp" is reserved/,
    ],
    [
      'keys that are discarded before they are refreshed',
      { SIGNING_KEYS_MAX_AGE: '1h', SIGNING_KEYS_MAX_STALE: '10m' },
      'SIGNING_KEYS_MAX_STALE',
      /less than/,
    ],
    [
      'a duration that is too long',
      { MAX_TOKEN_LIFETIME: '30d' },
      'MAX_TOKEN_LIFETIME',
      /"30d" is invalid: the maximum is 24d\.$/,
    ],
    [
      'a duration of 0',
      { SHUTDOWN_DELAY: '0s' },
      'SHUTDOWN_DELAY',
      /"0s" is invalid: a duration cannot be 0\.$/,
    ],
    [
      'a duration of 0 with a maximum of its own',
      { TOKEN_CACHE: '0s' },
      'TOKEN_CACHE',
      /"0s" is invalid: a duration cannot be 0\.$/,
    ],
    ['a duration above its own maximum', { TOKEN_CACHE: '30d' }, 'TOKEN_CACHE', /"30d" is invalid\.$/],
    ['an invalid rate', { RATE_LIMIT_CALLER: '120' }, 'RATE_LIMIT_CALLER', /"120"/],
    [
      'several workers with the embedded issuer',
      { WORKERS: '2', REDIS_URL: 'redis://x' },
      'WORKERS',
      /embedded issuer/,
    ],
    ['a sink twice', { ...DERIVED, AUDIT: 'file file:refuse' }, 'AUDIT', /is invalid/],
    ['a log that must refuse calls', { ...DERIVED, AUDIT: 'stdout:refuse' }, 'AUDIT', /is invalid/],
    [
      'an audit trail for an unknown collector',
      { ...DERIVED, AUDIT: 'otlp' },
      'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
      /AUDIT is to write to otlp/,
    ],
    [
      'records in an unknown place',
      { ...DERIVED, AUDIT: 'postgres' },
      'AUDIT_DATABASE_URL',
      /AUDIT is to write to postgres/,
    ],
    [
      'records in a log without them',
      { ...DERIVED, AUDIT: 'stdout', LOG_LEVEL: 'warn' },
      'LOG_LEVEL',
      /would not contain/,
    ],
    [
      'a webhook without encryption',
      { ...DERIVED, AUDIT_WEBHOOK_URL: 'http://siem.example.com' },
      'AUDIT_WEBHOOK_URL',
      /is invalid/,
    ],
    [
      'a password that is not percent-encoded',
      { ...DERIVED, DATABASE_URL: 'postgresql://app:50%off@db/aerie' },
      'DATABASE_URL',
      /is invalid/,
    ],
    ['a broken pattern', { ...DERIVED, AUDIT_REDACT: '\\d+ (' }, 'AUDIT_REDACT', /is invalid/],
    ['several workers without Redis', { ...DERIVED, WORKERS: '2' }, 'WORKERS', /REDIS_URL/],
    [
      'sessions in one of several processes',
      { ...DERIVED, WORKERS: '2', REDIS_URL: 'redis://x', MCP_SESSIONS: 'on' },
      'MCP_SESSIONS',
      /WORKERS/,
    ],
    [
      'SSE in one of several processes',
      { ...DERIVED, WORKERS: '2', REDIS_URL: 'redis://x', MCP_SSE: 'on' },
      'MCP_SSE',
      /WORKERS/,
    ],
    ['an invalid switch', { MCP_SESSIONS: 'yes' }, 'MCP_SESSIONS', /"yes"/],
    ['an invalid instance name', { INSTANCE_NAME: 'a.b' }, 'INSTANCE_NAME', /a\.b/],
    ['a URL of another store than Redis', { REDIS_URL: 'http://x' }, 'REDIS_URL', /http/],
    [
      'a URL of another database than PostgreSQL',
      { DATABASE_URL: 'mysql://x/y' },
      'DATABASE_URL',
      /^is invalid/,
    ],
    [
      'a migration role without a role for queries',
      { DATABASE_MIGRATION_URL: 'postgresql://o:p@x/y' },
      'DATABASE_MIGRATION_URL',
      /without DATABASE_URL/,
    ],
    [
      'a database login without a secret',
      { DATABASE_URL: 'postgresql://user@db/aerie' },
      'DATABASE_TENANT_SECRET',
      /no password/,
    ],
    ['an empty pool', { DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE', /"0"/],
    ['a proxy that is not an address', { TRUSTED_PROXIES: 'everybody' }, 'TRUSTED_PROXIES', /everybody/],
    [
      'a range of all proxies',
      { TRUSTED_PROXIES: '10.0.0.0/8, 0.0.0.0/0' },
      'TRUSTED_PROXIES',
      /0\.0\.0\.0\/0/,
    ],
    ['a range of all IPv6 proxies', { TRUSTED_PROXIES: '::/00' }, 'TRUSTED_PROXIES', /::\/00/],
    ['equal ports', { PORT: '3003' }, 'DEV_ISSUER_PORT', /3003/],
    ['metrics on the same port', { PORT: '3100', METRICS_PORT: '3100' }, 'METRICS_PORT', /3100.*PORT/],
    ['metrics on the port of the issuer', { METRICS_PORT: '3003' }, 'METRICS_PORT', /3003.*DEV_ISSUER_PORT/],
    [
      'metrics on the same port of all addresses',
      { ...DERIVED, NODE_ENV: 'production', PORT: '3100', METRICS_PORT: '3100', METRICS_HOST: '10.0.0.1' },
      'METRICS_PORT',
      /3100.*PORT/,
    ],
    ['an origin with a path', { ALLOWED_ORIGINS: 'https://a.b/c' }, 'ALLOWED_ORIGINS', /a\.b\/c/],
    ['a token cache beyond a minute', { TOKEN_CACHE: '2m' }, 'TOKEN_CACHE', /2m/],
    ['a missing file', { SK_CLIENT_SECRET_FILE: '/nowhere/x' }, 'SK_CLIENT_SECRET_FILE', /ENOENT/],
    [
      'a maximum of zero organizations',
      { MAX_ORGANIZATIONS_IN_MEMORY: '0' },
      'MAX_ORGANIZATIONS_IN_MEMORY',
      /0/,
    ],
    ['a missing tool policy', { TOOL_POLICY: '/nowhere/x' }, 'TOOL_POLICY', /x: .*ENOENT/],
    ['an invalid tool policy', { TOOL_POLICY: '/dev/null' }, 'TOOL_POLICY', /null: it is not JSON/],
    ['a value given twice', { PORT: '1', PORT_FILE: '/x' }, 'PORT', /PORT_FILE/],
  ] satisfies [string, NodeJS.ProcessEnv, string, RegExp][])(
    'rejects %s',
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

  it('trusts only own keys', () => {
    const configuration = loadConfiguration(OWN_KEYS);
    expect(configuration).toMatchObject({ authModes: ['jwt'], scalekit: undefined, devIssuer: undefined });
    expect(configuration.resource).toMatchObject({
      url: 'http://localhost:3002/mcp',
      metadata: { resource: 'http://localhost:3002/mcp', bearer_methods_supported: ['header'] },
      authorizationServerMetadataUrl: undefined,
    });
    expect(configuration.resource.metadata).not.toHaveProperty('authorization_servers');
    expect(configuration.ownKeys).toEqual({
      keys: [{ kty: 'RSA', n: expect.any(String), e: 'AQAB' }],
      jwksUri: undefined,
      issuers: ['http://localhost:8000'],
      audiences: ['http://localhost:3002/mcp', 'http://127.0.0.1:3002/mcp', 'http://[::1]:3002/mcp'],
      algorithms: ['RS256'],
      requiredScopes: [],
      clockTolerance: 0,
      claims: {},
    });
    expect(configuration.warnings).toEqual([]);
  });

  it('trusts own keys in addition to an authorization server, and keeps its metadata', () => {
    const configuration = loadConfiguration({ ...DERIVED, ...OWN_KEYS, AUTH_MODE: 'scalekit, jwt' });
    expect(configuration.authModes).toEqual(['scalekit', 'jwt']);
    expect(configuration.resource.metadata.authorization_servers).toEqual([
      'https://acme.scalekit.cloud/resources/res_1',
    ]);
    expect(configuration.ownKeys?.audiences).toEqual(['https://mcp.example.com/mcp']);
    expect(loadConfiguration({ ...OWN_KEYS, AUTH_MODE: 'dev,jwt' }).devIssuer).toBeDefined();
  });

  it('reads the settings for own keys', () => {
    const { ownKeys } = loadConfiguration({
      AUTH_MODE: 'jwt',
      JWT_JWKS_URI: 'https://login.example.com/jwks',
      JWT_ISSUER: 'a, b',
      JWT_AUDIENCE: 'service-a,service-b',
      JWT_ALGORITHMS: 'PS256 ES384',
      JWT_REQUIRED_SCOPES: 'admin read',
      JWT_CLOCK_TOLERANCE: '10s',
      JWT_CLAIM_ORGANIZATION: 'https://example.com/org',
    });
    expect(ownKeys).toMatchObject({
      keys: undefined,
      jwksUri: 'https://login.example.com/jwks',
      issuers: ['a', 'b'],
      audiences: ['service-a', 'service-b'],
      algorithms: ['PS256', 'ES384'],
      requiredScopes: ['admin', 'read'],
      clockTolerance: 10_000,
      claims: { organization: 'https://example.com/org' },
    });
  });

  it('reads rates, workers and proxies', () => {
    const configuration = loadConfiguration({
      ...DERIVED,
      RATE_LIMIT_CALLER: '10/s',
      RATE_LIMIT_ORGANIZATION: 'off',
      REDIS_URL: 'redis://localhost:6379',
      WORKERS: '3',
      TRUSTED_PROXIES: 'loopback, 172.16.0.0/12',
      RATE_LIMIT_EXACT: 'on',
    });
    expect(configuration.limits).toEqual({
      caller: { points: 10, window: 1 },
      organization: undefined,
      tool: undefined,
      invalidTokens: { points: 30, window: 60 },
      isExact: true,
      inFlight: { instance: 1_000, organization: 200, caller: 100 },
      stuckShare: 0.2,
      bodyBytes: { instance: 64 * 1024 ** 2, caller: 16 * 1024 ** 2 },
      keptBytes: { instance: 32 * 1024 ** 2, caller: 4 * 1024 ** 2 },
      listeners: { instance: 10_000, caller: 50 },
    });
    expect(configuration.workers).toBe(3);
    expect(configuration.http.trustedProxies).toEqual(['loopback', '172.16.0.0/12']);
  });

  it('derives the memory for bodies from the maximum body size, unless it is configured', () => {
    expect(loadConfiguration({ BODY_LIMIT: '2mb', MAX_BODY_BYTES: '50mb' }).limits.bodyBytes).toEqual({
      instance: 50 * 1024 ** 2,
      caller: 32 * 1024 ** 2,
    });
  });

  it('reads the maximum number of organizations in memory', () => {
    expect(loadConfiguration({ MAX_ORGANIZATIONS_IN_MEMORY: '5' }).tools).toMatchObject({
      maxOrganizationsInMemory: 5,
    });
    expect(loadConfiguration({}).tools).toMatchObject({
      maxOrganizationsInMemory: 1_000,
    });
  });

  it('reads the path of the tool policy', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'aerie-')), 'tool-policy.json');
    writeFileSync(file, '{}');
    expect(loadConfiguration({ TOOL_POLICY: file }).tools.policyFile).toBe(file);
    expect(loadConfiguration({}).tools.policyFile).toBeUndefined();
  });

  it.each([
    ['in development', {}, true],
    ['nowhere, if DEMO_TOOLS is off', { DEMO_TOOLS: 'off' }, false],
    ['not in production', { ...DERIVED, NODE_ENV: 'production' }, false],
    ['in production, if DEMO_TOOLS is on', { ...DERIVED, NODE_ENV: 'production', DEMO_TOOLS: 'on' }, true],
  ])('offers the demo tools %s', (_where, variables, expected) => {
    expect(loadConfiguration(variables).demoTools).toBe(expected);
  });

  it('uses an embedded database only in development and only with one process', () => {
    expect(loadConfiguration({ STATE_DIRECTORY: '/var/aerie' }).database).toEqual({
      kind: 'embedded',
      folder: '/var/aerie/database',
    });
    const production = { ...DERIVED, NODE_ENV: 'production' };
    expect(loadConfiguration(production).database).toBeUndefined();
    expect(loadConfiguration({ ...DERIVED, WORKERS: '2', REDIS_URL: 'redis://x' }).database).toBeUndefined();
    const url = 'postgresql://user:p%40ss@db:5432/aerie?sslmode=verify-full';
    expect(loadConfiguration({ ...production, DATABASE_URL: url }).database).toEqual({
      kind: 'server',
      url,
      migrationUrl: undefined,
      poolSize: 10,
      tenantSecret: 'p@ss',
    });
    const DATABASE_TENANT_SECRET = 'a-secret-that-is-long-enough-for-this';
    expect(
      loadConfiguration({ ...production, DATABASE_URL: 'postgresql://user@db/aerie', DATABASE_TENANT_SECRET })
        .database,
    ).toMatchObject({ tenantSecret: DATABASE_TENANT_SECRET });
  });

  it('disables sessions by default', () => {
    expect(loadConfiguration({}).sessions).toEqual({
      enabled: false,
      sse: false,
      instance: expect.stringMatching(/^[\w-]+$/),
      idleTimeout: 1_800_000,
      max: 10_000,
      maxPerCaller: 20,
    });
    const { sessions } = loadConfiguration({
      MCP_SESSIONS: 'on',
      MCP_SSE: 'on',
      INSTANCE_NAME: 'pod-1',
      SESSION_IDLE_TIMEOUT: '5m',
      MAX_SESSIONS: '7',
      MAX_SESSIONS_PER_CALLER: '3',
    });
    expect(sessions).toEqual({
      enabled: true,
      sse: true,
      instance: 'pod-1',
      idleTimeout: 300_000,
      max: 7,
      maxPerCaller: 3,
    });
  });

  it('never shows the value of a secret', () => {
    const error = new ConfigurationError(
      problemsOf({
        SK_CLIENT_SECRET: 'hush',
        REDIS_URL: 'http://:hush@x',
        DATABASE_URL: 'mysql://x?password=hush',
        PORT: 'x',
      }),
    );
    expect(error.message).not.toContain('hush');
    const { privateKey } = generateKeyPairSync('ed25519');
    const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const refused = new ConfigurationError(problemsOf({ ...OWN_KEYS, JWT_PUBLIC_KEY: text }));
    expect(refused.message).toContain('JWT_PUBLIC_KEY: holds a private key');
    expect(refused.message).not.toContain(text.split('\n')[1]);
    expect(error.message).toContain('PORT');
  });

  it('names the file variable of an invalid value that comes from a file', () => {
    const problems = problemsOf({ ...OWN_KEYS, JWT_PUBLIC_KEY: '', JWT_PUBLIC_KEY_FILE: 'package.json' });
    expect(problems.map(({ variable }) => variable)).toEqual(['JWT_PUBLIC_KEY_FILE']);
  });

  it('names the variable itself if its file is empty', () => {
    const problems = problemsOf({ ...OWN_KEYS, JWT_PUBLIC_KEY: '', JWT_PUBLIC_KEY_FILE: '/dev/null' });
    expect(problems.map(({ variable }) => variable)).toEqual(['JWT_PUBLIC_KEY']);
  });
});
