import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import type { ConfigurationOptions } from './configuration-options.js';
import { fromOptions } from './from-options.js';
import { loadConfiguration } from './load-configuration.js';

const SCALEKIT = {
  nodeEnv: 'production',
  skEnvUrl: 'https://acme.scalekit.com',
  mcpServerId: 'res_1',
  resourceUrl: 'https://api.example.com/mcp',
} as const;

/** Passes options that TypeScript would not accept. */
function problemsOf(options: object): readonly ConfigurationProblem[] {
  try {
    fromOptions(options as ConfigurationOptions);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('fromOptions', () => {
  it('gives the configuration of the variables with the same names', () => {
    const configuration = fromOptions({
      ...SCALEKIT,
      toolTimeout: '20s',
      rateLimitCaller: '10/s',
      rateLimitOrganization: 'off',
      bodyLimit: '2mb',
      maxListeners: 7,
      mcpSessions: true,
      mcpSse: 'off',
      authMode: ['scalekit'],
      signInScopes: ['usr:read', 'org:read'],
      expectedAudience: 'res_1',
      redisUrl: undefined,
    });
    expect(configuration).toEqual(
      loadConfiguration({
        NODE_ENV: 'production',
        SK_ENV_URL: 'https://acme.scalekit.com',
        MCP_SERVER_ID: 'res_1',
        RESOURCE_URL: 'https://api.example.com/mcp',
        TOOL_TIMEOUT: '20s',
        RATE_LIMIT_CALLER: '10/s',
        RATE_LIMIT_ORGANIZATION: 'off',
        BODY_LIMIT: '2mb',
        MAX_LISTENERS: '7',
        MCP_SESSIONS: 'on',
        MCP_SSE: 'off',
        AUTH_MODE: 'scalekit',
        SIGN_IN_SCOPES: 'usr:read org:read',
        EXPECTED_AUDIENCE: 'res_1',
      }),
    );
    expect(Object.isFrozen(configuration.warnings)).toBe(true);
  });

  it.each([
    [true, undefined],
    [false, 'http://collector:4318/v1/traces'],
  ])('takes %s for a variable of OpenTelemetry that is true or false', (otelSdkDisabled, tracesUrl) => {
    const otelExporterOtlpEndpoint = 'http://collector:4318';
    const { telemetry, warnings } = fromOptions({ ...SCALEKIT, otelExporterOtlpEndpoint, otelSdkDisabled });
    expect([telemetry.tracesUrl, warnings]).toEqual([tracesUrl, []]);
  });

  it('takes an empty list as a list of nothing, not as the default', () => {
    const configuration = fromOptions({
      ...SCALEKIT,
      signInScopes: [],
      allowedOrigins: [],
      trustedProxies: [],
      audit: 'stdout',
      auditRedact: [],
    });
    expect(configuration.resource.signInScopes).toEqual([]);
    expect(configuration.edge.allowedOrigins).toEqual([]);
    expect(configuration.http.trustedProxies).toEqual([]);
    expect(configuration.audit?.redact).toEqual([]);
  });

  it.each([
    'authMode',
    'allowedHosts',
    'toolGroups',
    'requestStateSecret',
    'audit',
    'auditWebhookSecret',
    'jwtIssuer',
    'jwtAudience',
    'jwtAlgorithms',
    'jwtRequiredScopes',
  ])('refuses an empty list for %s, which needs an entry', (variable) => {
    expect(problemsOf({ ...SCALEKIT, [variable]: [] })).toContainEqual(
      expect.objectContaining({ variable, problem: 'is an empty list.' }),
    );
  });

  it('refuses an empty list of audiences', () => {
    expect(problemsOf({ ...SCALEKIT, expectedAudience: [] })).toMatchObject([
      { variable: 'expectedAudience', problem: expect.stringContaining('lists nothing') },
    ]);
  });

  it('keeps the patterns of a list apart, although they may contain commas', () => {
    const { audit } = fromOptions({ ...SCALEKIT, audit: 'stdout', auditRedact: ['\\d{4,}', 'x'] });
    expect(audit?.redact).toEqual(['\\d{4,}', 'x']);
  });

  it('takes the destinations of audit records as a list', () => {
    const { audit } = fromOptions({ ...SCALEKIT, audit: ['file:refuse', 'stdout'] });
    expect(audit?.sinks).toEqual([
      { name: 'file', onFull: 'refuse' },
      { name: 'stdout', onFull: 'drop' },
    ]);
    const problem = { variable: 'audit', problem: expect.stringContaining('is invalid') };
    expect(problemsOf({ ...SCALEKIT, audit: ['file:refuse', 'file'] })).toContainEqual(
      expect.objectContaining(problem),
    );
  });

  it('is typed by the declarations of the variables', () => {
    const wrong: ConfigurationOptions[] = [
      // @ts-expect-error -- nodeEnv is missing
      {},
      // @ts-expect-error -- not a mode
      { nodeEnv: 'production', authMode: ['none'] },
      // @ts-expect-error -- a duration has a unit
      { nodeEnv: 'production', toolTimeout: 20 },
      // @ts-expect-error -- not a rate
      { nodeEnv: 'production', rateLimitCaller: '10 per second' },
      // @ts-expect-error -- only free text has a file
      { nodeEnv: 'production', toolTimeoutFile: 'x' },
      // @ts-expect-error -- misspelled
      { nodeEnv: 'production', resourceURL: 'https://api.example.com/mcp' },
      // @ts-expect-error -- not a destination
      { nodeEnv: 'production', audit: 'fil' },
      { nodeEnv: 'production', audit: ['file:refuse', 'stdout'] },
      { nodeEnv: 'production', jwtPublicKeyFile: 'public.pem', skClientSecretFile: 'secret' },
    ];
    expect(wrong).toHaveLength(9);
  });

  it.each<[string, object, ConfigurationProblem]>([
    [
      'an invalid value',
      { ...SCALEKIT, toolTimeout: 20 },
      { variable: 'toolTimeout', problem: '"20" is invalid.', remedy: 'Use a duration such as 60s.' },
    ],
    [
      'settings that contradict each other',
      { ...SCALEKIT, authMode: 'scalekit', jwtIssuer: ['me'] },
      {
        variable: 'authMode',
        problem: 'is "scalekit", so jwtIssuer would be ignored.',
        remedy:
          "Set authMode=jwt to trust tokens of your own keys, authMode=scalekit,jwt to trust Scalekit's tokens too, or remove it.",
      },
    ],
    [
      'a file that cannot be read',
      { ...SCALEKIT, skClientSecretFile: '/nowhere' },
      {
        variable: 'skClientSecretFile',
        problem: 'names a file that cannot be read (ENOENT).',
        remedy: 'Check the path and that the user that runs Aerie can read the file.',
      },
    ],
    [
      'a misspelled option',
      { ...SCALEKIT, toolTimout: '20s' },
      { variable: 'toolTimout', problem: 'is not an option.', remedy: 'Did you mean toolTimeout?' },
    ],
    [
      'the name of a variable',
      { ...SCALEKIT, TOOL_TIMEOUT: '20s' },
      {
        variable: 'TOOL_TIMEOUT',
        problem: 'is not an option.',
        remedy: 'Use the name of a variable in camel case, such as resourceUrl for RESOURCE_URL.',
      },
    ],
    [
      'a missing environment',
      { ...SCALEKIT, nodeEnv: undefined },
      {
        variable: 'nodeEnv',
        problem: 'is not set.',
        remedy: 'Use "production", or "development" on your own machine.',
      },
    ],
  ])('reports %s by the name of the option', (_what, options, problem) => {
    expect(problemsOf(options)).toEqual([problem]);
  });

  it('warns by the names of the options', () => {
    const { warnings } = fromOptions({ ...SCALEKIT, allowedOrigins: ['*'] });
    expect(warnings).toEqual([expect.stringMatching(/^allowedOrigins is "\*"/)]);
  });

  it.each<[string, object]>([
    ['null, of which the text would be valid', { mcpServerId: null }],
    ['an object', { mcpServerId: { id: 'res_1' } }],
    ['an object without a text', { mcpServerId: Object.create(null) as unknown }],
    [
      'a function, of which the text is long enough for a secret',
      { requestStateSecret: () => 'hunter2'.repeat(9) },
    ],
    ['a symbol', { requestStateSecret: Symbol('hunter2') }],
    ['a list of objects', { signInScopes: [{ scope: 'hunter2' }] }],
  ])('rejects %s, and does not show it', (_what, wrong) => {
    const [variable] = Object.keys(wrong);
    const problems = problemsOf({ ...SCALEKIT, ...wrong });
    expect(problems[0]).toMatchObject({
      variable,
      problem: expect.stringContaining('is neither a text'),
    });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});
