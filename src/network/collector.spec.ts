import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { collectorAt } from './collector.js';

describe('collectorAt', () => {
  const directory = mkdtempSync(join(tmpdir(), 'aerie-collector-'));
  const file = (name: string): string => {
    const path = join(directory, name);
    writeFileSync(path, name);
    return path;
  };
  const url = 'https://collector:4318/v1/traces';
  afterAll(() => rmSync(directory, { recursive: true }));

  it('uses the TLS files of the standard variables, first those of the signal', () => {
    const { httpAgentOptions } = collectorAt(url, 'TRACES', {
      OTEL_EXPORTER_OTLP_CERTIFICATE: file('authority'),
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file('any'),
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: file('traces'),
      OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: file('metrics'),
    });
    const texts = [httpAgentOptions.ca, httpAgentOptions.cert, httpAgentOptions.key].map(String);
    expect(texts).toEqual(['authority', 'traces', 'undefined']);
  });

  it('connects to no collector if a file cannot be read', () => {
    const OTEL_EXPORTER_OTLP_CERTIFICATE = join(directory, 'missing');
    expect(() => collectorAt(url, 'LOGS', { OTEL_EXPORTER_OTLP_CERTIFICATE })).toThrow(/ENOENT/);
  });
});
