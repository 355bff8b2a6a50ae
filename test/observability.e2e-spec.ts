import { existsSync, readdirSync, readFileSync } from 'node:fs';

import type { Meter } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { z } from 'zod';

import { startAudit } from '../src/audit/start-audit.js';
import { CONFIGURATION, type Configuration } from '../src/config/configuration.js';
import { deploymentGauges } from '../src/deployment-gauges.js';
import { REASONS, REFUSALS } from '../src/logging/reason.js';
import { Gauges } from '../src/observation/gauges.js';
import { Histograms } from '../src/telemetry/histograms.js';
import { metricsObserver, stepMeasurer } from '../src/telemetry/metrics.js';
import { observeGauges } from '../src/telemetry/observe-gauges.js';
import { RESTARTS, SILENT as SILENT_WORKERS } from '../src/telemetry/worker-metrics.js';
import { observeProcess } from '../src/telemetry/process-gauges.js';
import { startAerie } from './support/aerie.js';
import { documentedMetrics, metricOf } from './support/documented-metrics.js';
import { inMemoryTelemetry } from './support/in-memory-telemetry.js';
import { SILENT } from './support/log.js';
import { freePort } from './support/ports.js';

const FOLDER = 'deploy/observability';
const RULES = readFileSync(`${FOLDER}/alerts.yml`, 'utf8');
const TESTS = readFileSync(`${FOLDER}/alerts.test.yml`, 'utf8');
const dashboard = z.object({
  panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })).default([]) })),
});
const QUERIES = readdirSync(`${FOLDER}/grafana/dashboards`).flatMap((name) =>
  dashboard
    .parse(JSON.parse(readFileSync(`${FOLDER}/grafana/dashboards/${name}`, 'utf8')))
    .panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
);

/** Kinds of instruments, and the ends of their names in the format of Prometheus. */
const KINDS = [
  ['createCounter', ['_total']],
  ['createObservableCounter', ['_total']],
  ['createObservableGauge', ['']],
] as const satisfies readonly (readonly [keyof Meter, readonly string[]])[];

const FIRST_WORDS = /\b(?:aerie|mcp|http|db|nodejs|v8js|process)_\w+/g;

/** Labels that Prometheus and its histograms add. */
const SCRAPED = new Set(['le', 'job', 'instance', '__name__']);
const LABELS = new Set([...documentedMetrics().values()].flatMap((labels) => [...labels]));

/** Returns the metrics in a text with queries: names that are no labels. */
const metricsIn = (text: string): Set<string> =>
  new Set(
    text
      .replaceAll(/\{(?:"[^"]*"|[^{}"])*\}/g, '')
      .replaceAll(/\b(?:by|on|without) \([^)]*\)/g, '')
      .match(FIRST_WORDS),
  );

/** Returns the metrics of a server that uses all that it can, by name and instrument, and their text at the start. */
async function exportedMetrics(): Promise<[ReadonlyMap<string, string>, string]> {
  const aerie = await startAerie({
    // Metrics of Redis exist even while it cannot be reached.
    environment: { REDIS_URL: `redis://127.0.0.1:${await freePort()}`, AUDIT: 'stdout' },
  });
  const meter = new MeterProvider().getMeter('test');
  const histograms = new Histograms('test', 1);
  const created = [
    { spy: jest.spyOn(histograms, 'create'), ends: ['_bucket', '_sum', '_count'] },
    ...KINDS.map(([kind, ends]) => ({ spy: jest.spyOn(meter, kind), ends })),
  ];
  const { audit: settings } = aerie.application.get<Configuration>(CONFIGURATION, { strict: false });
  const audit = settings && (await startAudit(settings, 'test', SILENT));
  const gauges = aerie.application.get(Gauges, { strict: false });
  [...deploymentGauges(aerie.application, SILENT, { isRejected: false }), ...(audit?.gauges ?? [])].forEach(
    (gauge) => gauges.add(gauge),
  );
  metricsObserver(meter, histograms, 0);
  stepMeasurer(meter, histograms);
  observeProcess(meter);
  observeGauges(meter, gauges);
  const { telemetry } = inMemoryTelemetry();
  telemetry.observe(gauges);
  const text = await telemetry.metricsText();
  await telemetry.stop();
  await audit?.close();
  await aerie.close();
  const exported = new Map([
    [RESTARTS, RESTARTS] as const,
    [SILENT_WORKERS, SILENT_WORKERS] as const,
    ...created.flatMap(({ spy, ends }) =>
      spy.mock.calls.flatMap(([name]) => {
        const metric = name.replaceAll('.', '_');
        return ends.map((end) => [metric + end, metric] as const);
      }),
    ),
  ]);
  return [exported, text];
}

describe('deploy/observability', () => {
  let exported: ReadonlyMap<string, string>;
  let textAtStart: string;
  beforeAll(async () => {
    [exported, textAtStart] = await exportedMetrics();
  });

  it.each([
    ['alerts', RULES],
    ['dashboards', QUERIES.join('\n')],
  ])('uses in the %s only metrics that the server exports', (_what, text) => {
    const used = [...metricsIn(text)];
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter((name) => !exported.has(name))).toEqual([]);
  });

  it('is explained: docs/observability.md lists every metric', () => {
    const page = readFileSync('docs/observability.md', 'utf8');
    const missing = [...exported].filter(
      ([name, metric]) => ![name, metric].some((text) => page.includes(`\`${text}\``)),
    );
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  it('is explained as it is: docs/observability.md and the runbooks name no other metric', () => {
    const known = new Set([...exported].flat());
    expect([...documentedMetrics().keys()].filter((name) => !known.has(name))).toEqual([]);
    const pages = readdirSync('docs/runbooks').map((name) => readFileSync(`docs/runbooks/${name}`, 'utf8'));
    const queries = pages.flatMap((page) => [...page.matchAll(/`([^`]*)`/g)].map(([, code = '']) => code));
    const used = [...metricsIn(queries.join('\n'))].filter(
      (name) => !LABELS.has(name) && !name.endsWith('_') && !/^aerie_(restored|damaged|audit\b)/.test(name), // databases, and a schema
    );
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each([
    ['alerts', RULES],
    ['dashboards', QUERIES.join('\n')],
  ])('uses in the %s only labels that its metrics have', (_what, text) => {
    const documented = documentedMetrics();
    const selected = [...text.matchAll(/\b(\w+)\{([^{}]*)\}/g)].flatMap(([, series = '', selectors = '']) =>
      [...selectors.matchAll(/(\w+)\s*[=!]~?"/g)].map(([, label = '']) => [metricOf(series), label] as const),
    );
    const unknown = selected.filter(
      ([metric, label]) => documented.get(metric)?.has(label) === false && !SCRAPED.has(label),
    );
    expect(unknown).toEqual([]);
    const grouped = [...text.matchAll(/\b(?:by|on|without) \(([^)]*)\)/g)].flatMap(([, labels = '']) =>
      labels === '' ? [] : labels.split(/,\s*/),
    );
    expect(selected.length + grouped.length).toBeGreaterThan(10);
    expect(grouped.filter((label) => !LABELS.has(label) && !SCRAPED.has(label))).toEqual([]);
  });

  it('starts at 0 every counter of the alerts, because Prometheus ignores the first value of a series', () => {
    const counters = new Set(RULES.match(/\b\w+_total\b/g));
    counters.delete(RESTARTS); // of the primary process, which always has it
    expect(counters.size).toBeGreaterThan(4);
    const series = [
      ...[...counters].map((name) => new RegExp(`^${name}(\\{.*\\})? 0$`, 'm')),
      ...REFUSALS.map((reason) => new RegExp(`^aerie_refusals_total\\{reason="${reason}"\\} 0$`, 'm')),
    ];
    expect(series.filter((line) => !line.test(textAtStart))).toEqual([]);
  });

  it('has a runbook and a test for every alert', () => {
    const alerts = RULES.split('- alert: ')
      .slice(1)
      .map((text) => ({
        name: /^\w+/.exec(text)?.[0] ?? '',
        runbook: /runbook: (\S+)/.exec(text)?.[1] ?? '',
      }));
    expect(alerts.length).toBeGreaterThan(15);
    expect(alerts.filter(({ runbook }) => !existsSync(runbook))).toEqual([]);
    expect(alerts.filter(({ name }) => !TESTS.includes(`{alertname="${name}"}`))).toEqual([]);
    const pages = readFileSync('docs/runbooks/README.md', 'utf8');
    expect(alerts.filter(({ name }) => !pages.includes(`\`${name}\``))).toEqual([]);
  });

  it('has a test with each metric of the alerts', () => {
    const tested = new Set([...TESTS.matchAll(/series: '(\w+)/g)].map(([, name]) => name));
    expect([...metricsIn(RULES)].filter((name) => !tested.has(name))).toEqual([]);
  });

  it('finds in the log the rejected tokens that raise the alert', () => {
    const [, reasons = ''] = /aerie:rejected_tokens:rate5m\n.*\n.*reason=~"([^"]*)"/.exec(RULES) ?? [];
    expect(reasons.split('|').length).toBeGreaterThan(15);
    expect(readFileSync('docs/runbooks/rejected-tokens.md', 'utf8')).toContain(`test("^(${reasons})$")`);
  });

  it('charts no duration of streams, which last for hours and would hide the calls', () => {
    const durations = QUERIES.filter((query) => query.includes('_bucket{'));
    expect(durations.filter((query) => query.includes('http_server_request_duration'))).toEqual([]);
    const messages = durations.filter((query) => query.includes('mcp_server_operation_duration'));
    expect(messages.length).toBeGreaterThan(3);
    expect(messages.filter((query) => !query.includes('mcp_method_name!="subscriptions/listen"'))).toEqual(
      [],
    );
  });

  it('names only reasons that exist', () => {
    const patterns = [RULES, ...QUERIES]
      .flatMap((text) => [...text.matchAll(/\breason=~?"([^"]*)/g)])
      .flatMap(([, pattern = '']) => (pattern.includes('(') ? [pattern] : pattern.split('|')));
    const unknown = patterns.filter(
      (pattern) => !REASONS.some((reason) => new RegExp(`^(?:${pattern})$`).test(reason)),
    );
    expect(unknown).toEqual([]);
  });
});
