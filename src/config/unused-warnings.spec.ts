import { loadConfiguration } from './load-configuration.js';

const warningsOf = (variables: NodeJS.ProcessEnv): readonly string[] => loadConfiguration(variables).warnings;

describe('variables of what is off', () => {
  it.each([
    ['AUDIT_DIRECTORY', '/var/log/aerie', { AUDIT: 'file' }],
    ['AUDIT_RETENTION_DAYS', '365', { AUDIT: 'file' }],
    ['METRICS_HOST', '0.0.0.0', { METRICS_PORT: '9464' }],
    ['RATE_LIMIT_EXACT', 'on', { REDIS_URL: 'redis://redis' }],
    ['DATABASE_POOL_SIZE', '5', { DATABASE_URL: 'postgresql://aerie:password@db/aerie' }],
    ['MAX_SESSIONS', '100', { MCP_SESSIONS: 'on' }],
    ['SESSION_IDLE_TIMEOUT', '10m', { MCP_SSE: 'on' }],
  ])('are named: %s=%s', (variable, value, needed) => {
    const [found] = warningsOf({ [variable]: value });
    expect(found).toMatch(new RegExp(`^${variable} has no effect without .*${Object.keys(needed)[0]}`));
    expect(warningsOf({ [variable]: value, ...needed })).toEqual([]);
  });

  it.each([
    ['AUDIT_WEBHOOK_URL', 'https://siem.example.com/aerie', 'webhook'],
    ['AUDIT_WEBHOOK_SECRET', `whsec_${'A'.repeat(32)}`, 'webhook'],
    ['AUDIT_DATABASE_URL', 'postgresql://writer:password@db/aerie', 'postgres'],
    ['AUDIT_DIRECTORY', '/var/log/aerie', 'file'],
    ['AUDIT_RETENTION_DAYS', '365', 'file or postgres'],
  ])('are named if their sink is off: %s', (variable, value, sinks) => {
    expect(warningsOf({ AUDIT: 'stdout', [variable]: value })).toEqual([
      `${variable} has no effect without ${sinks} in AUDIT.`,
    ]);
  });

  it('are named as they are set', () => {
    expect(warningsOf({ AUDIT_DIGEST_KEY_FILE: __filename })).toEqual([
      'AUDIT_DIGEST_KEY_FILE has no effect without AUDIT.',
    ]);
  });

  it.each([
    ['AUDIT_DIRECTORY', ''],
    ['RATE_LIMIT_EXACT', 'off'],
    ['AUDIT_REDACT', ' '],
    ['METRICS_ORGANIZATIONS', '100'], // an application may read the metrics as a text
  ])('are not named if they are off themselves: %s=%s', (variable, value) => {
    expect(warningsOf({ [variable]: value })).toEqual([]);
  });
});
