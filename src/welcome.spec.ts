import { loadConfiguration } from './config/load-configuration.js';
import { welcome } from './welcome.js';

/** Returns the token command in the example call of the welcome text. */
const tokenCommand = (variables: NodeJS.ProcessEnv): string | undefined =>
  /\$\((.*npm run .*?)\)"/.exec(welcome(loadConfiguration(variables)))?.[1];

describe('welcome', () => {
  it.each([
    [{}, 'npm run --silent token'],
    [{ PORT: '3002', STATE_DIRECTORY: '.aerie' }, 'npm run --silent token'],
    [{ PORT: '4000', DEV_ISSUER_PORT: '4001' }, 'npm run --silent token'],
    [
      { STATE_DIRECTORY: "/tmp/Ada's state" },
      "STATE_DIRECTORY='/tmp/Ada'\\''s state' npm run --silent token",
    ],
  ])('prints the token command for %j: %s', (variables, command) => {
    expect(tokenCommand(variables)).toBe(command);
  });

  it('names the parts that run, without credentials', () => {
    const text = welcome(
      loadConfiguration({
        METRICS_PORT: '9464',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://ada:hunter2@collector:4318/otlp',
        AUDIT: 'file stdout',
        REDIS_URL: 'redis://ada:hunter2@cache:6380',
      }),
    );
    expect(text).toContain(`
  Metrics               http://127.0.0.1:9464/metrics
  Collector             http://collector:4318
  Audit                 file (.aerie/audit), stdout
  Redis                 cache:6380
`);
    expect(text).not.toContain('hunter2');
    expect(welcome(loadConfiguration({}))).not.toMatch(/Metrics|Collector|Audit|Redis/);
  });

  it('shows no call of a demo tool if there are none', () => {
    expect(tokenCommand({ DEMO_TOOLS: 'off' })).toBeUndefined();
  });
});
