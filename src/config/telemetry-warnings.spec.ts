import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createCertificates } from '../../test/support/certificates.js';
import { loadConfiguration } from './load-configuration.js';

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
const warningsOf = (variables: NodeJS.ProcessEnv): readonly string[] =>
  loadConfiguration({ ...COLLECTOR, ...variables }).warnings;

describe('the variables of OpenTelemetry', () => {
  it.each([
    ['OTEL_SDK_DISABLED', '1'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/json'],
    ['OTEL_TRACES_EXPORTER', 'console'],
    ['OTEL_METRICS_EXPORTER', 'prometheus'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '7'],
    ['OTEL_PROPAGATORS', 'b3'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '9999999999'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '-1'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', 'soon'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd'],
  ])('are named if they have no effect: %s=%s', (variable, value) => {
    expect(warningsOf({ [variable]: value })).toEqual([
      expect.stringContaining(`${variable} is "${value}", which is ignored: Aerie`),
    ]);
    expect(loadConfiguration({ [variable]: value }).warnings).toEqual([]); // nothing is sent
  });

  it('are not named if they have an effect', () => {
    expect(
      warningsOf({
        OTEL_SDK_DISABLED: 'False',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.01',
        OTEL_PROPAGATORS: 'tracecontext,baggage',
        OTEL_METRIC_EXPORT_INTERVAL: '5000',
        OTEL_BSP_MAX_QUEUE_SIZE: '4096',
        OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: '',
        OTEL_LOG_LEVEL: 'anything',
        OTEL_RESOURCE_ATTRIBUTES: 'team=tools, deployment.environment.name=a%2Cb, empty=,',
      }),
    ).toEqual([]);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318/v1/traces', 'ends with the path of one signal'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector/otlp/v1/metrics/', 'ends with the path of one signal'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://collector:4318', 'has no path'],
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'https://collector/', 'has no path'],
  ])('are named if data would go to a wrong path: %s=%s', (variable, value, problem) => {
    expect(warningsOf({ [variable]: value })).toEqual([expect.stringContaining(`${variable} ${problem}`)]);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318/otlp'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://collector:4318/v1/traces'],
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'https://collector/own'],
  ])('are not named if the path may be right: %s=%s', (variable, value) => {
    expect(warningsOf({ [variable]: value })).toEqual([]);
  });

  it.each([
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=tools,s3cret', 'all of them are ignored'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=tools,key=s3cret=', 'all of them are ignored'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'key=s3cret%', 'all of them are ignored'],
    ['OTEL_RESOURCE_ATTRIBUTES', `key=${'s3cret'.repeat(50)}`, 'all of them are ignored'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'x-key=one;s3cret', 'sent only up to there'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x-key=one;s3cret,x-other=two', 'sent only up to there'],
  ])('are named without their values if the SDK drops a part: %s=%s', (variable, value, effect) => {
    const warnings = warningsOf({ [variable]: value });
    expect(warnings).toEqual([expect.stringMatching(`^${variable} has .*${effect}`)]);
    expect(warnings.join('')).not.toContain('s3cret');
    expect(loadConfiguration({ [variable]: value }).warnings).toEqual([]); // nothing is sent
  });

  it('must name TLS files that can be read', () => {
    const OTEL_EXPORTER_OTLP_CERTIFICATE = '/nowhere/authority.pem';
    expect(() => warningsOf({ OTEL_EXPORTER_OTLP_CERTIFICATE })).toThrow(
      /OTEL_EXPORTER_OTLP_CERTIFICATE: names a file that cannot be read \(ENOENT\)/,
    );
    expect(loadConfiguration({ OTEL_EXPORTER_OTLP_CERTIFICATE }).warnings).toEqual([]);
  });

  it('must name TLS files in PEM, and no error repeats a pasted key', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pasted = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const key = (OTEL_EXPORTER_OTLP_CLIENT_KEY: string) => () =>
      warningsOf({ OTEL_EXPORTER_OTLP_CLIENT_KEY });
    expect(key(pasted)).toThrow(/OTEL_EXPORTER_OTLP_CLIENT_KEY: names a file that cannot be read \(\w+\)\./);
    expect(key(pasted)).not.toThrow(/PRIVATE KEY/);
    expect(key(__filename)).toThrow(
      'OTEL_EXPORTER_OTLP_CLIENT_KEY: names a file without a valid private key in PEM.',
    );
    expect(() => warningsOf({ OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: __filename })).toThrow(
      'OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: names a file without a valid certificate in PEM.',
    );
    const folder = mkdtempSync(join(tmpdir(), 'aerie-'));
    try {
      const { ca, client } = createCertificates(folder, ['collector']);
      expect(
        warningsOf({
          OTEL_EXPORTER_OTLP_CERTIFICATE: ca,
          OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: `${client}.pem`,
          OTEL_EXPORTER_OTLP_CLIENT_KEY: `${client}.key`,
        }),
      ).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_HEADERS', 'Authorization: Bearer s3cret=='],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 's3cret'],
    ['OTEL_EXPORTER_OTLP_LOGS_HEADERS', 'x-key=one,x-other=s3cret%0Aline'],
    ['OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'x-key=s3cret%'],
  ])('must have headers that can be sent, and no error repeats them: %s=%s', (variable, value) => {
    const load = (): unknown => warningsOf({ [variable]: value });
    expect(load).toThrow(`${variable}: has a header that cannot be sent.`);
    expect(load).not.toThrow(/s3cret/);
    expect(loadConfiguration({ [variable]: value }).warnings).toEqual([]); // nothing is sent
  });

  it('may have several headers', () => {
    const OTEL_EXPORTER_OTLP_HEADERS = 'Authorization=Bearer%20key==, x-tenant=acme,';
    expect(warningsOf({ OTEL_EXPORTER_OTLP_HEADERS })).toEqual([]);
  });

  it('name the collector for each signal, or for all', () => {
    const urls = (variables: NodeJS.ProcessEnv): unknown[] => {
      const { tracesUrl, metricsUrl } = loadConfiguration(variables).telemetry;
      return [tracesUrl, metricsUrl];
    };
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = 'http://traces:4318/own';
    const metrics = 'http://collector:4318/v1/metrics';
    expect(urls(COLLECTOR)).toEqual(['http://collector:4318/v1/traces', metrics]);
    expect(urls({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT })).toEqual(['http://traces:4318/own', undefined]);
    const both = { ...COLLECTOR, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT };
    expect(urls(both)).toEqual(['http://traces:4318/own', metrics]);
    expect(urls({ ...both, OTEL_SDK_DISABLED: 'false' })).toEqual(urls(both));
    expect(urls({ ...both, OTEL_SDK_DISABLED: 'True' })).toEqual([undefined, undefined]);
  });
});
