import { AERIE, CALL, LIST } from '../cases.js';
import { ERAS } from '../exchange.js';
import { type Figure, figureOf, type Finding, type Run, usualCall } from '../results.js';
import { ratioOf } from '../statistics.js';
import { percentage, type Table } from './table.js';
import { targetTable } from './targets.js';

/** Whether a row is a further operation or configuration of Aerie. */
export const isFurther = ({ server, operation }: Pick<Figure, 'server' | 'operation'>): boolean =>
  server === AERIE && operation !== CALL && operation !== LIST;

/** Tables of a run. Tables without rows were not measured. */
export const resultTables = (
  figures: readonly Figure[],
  run: Run,
): Readonly<Record<'servers' | 'operations' | 'redis' | 'targets' | 'latencies', Table>> => ({
  servers: serverTable(figures),
  operations: operationTable(figures),
  redis: redisTable(figures),
  targets: targetTable(figures, run),
  latencies: latencyTable(run.latencies),
});

/** Calls and lists of all servers, with their ratio to the floor, and Aerie's ratio to each other server. */
const serverTable = (figures: readonly Figure[]): Table => ({
  head: ['server', 'era', 'operation', 'requests/s', 'of the floor', `${AERIE} does`, 'CPU µs'],
  rows: figures
    .filter((figure) => !isFurther(figure))
    .map(({ server, era, operation, requestsPerSecond, rates, ratioToFloor, cpu }) => {
      const own = server === AERIE ? undefined : figureOf(figures, AERIE, era, operation);
      const ratio = own && ratioOf(own.rates, rates);
      return [
        server,
        era,
        operation,
        String(requestsPerSecond),
        ratioToFloor?.toFixed(2) ?? '',
        ratio ? `${ratio.median.toFixed(2)} ×` : '',
        cpu?.toFixed(0) ?? '',
      ];
    }),
});

/** Further operations and configurations of Aerie, with their ratio to its usual call. */
function operationTable(figures: readonly Figure[]): Table {
  const operations = [...new Set(figures.filter(isFurther).map(({ operation }) => operation))];
  return {
    head: ['operation', ...ERAS.flatMap((era) => [`requests/s, ${era}`, 'of a call', 'CPU µs'])],
    rows: operations.map((operation) => [
      operation,
      ...ERAS.flatMap((era) => {
        const figure = figureOf(figures, AERIE, era, operation);
        const usual = usualCall(figures, era);
        const ratio = figure && usual && ratioOf(figure.rates, usual.rates);
        return [
          figure ? String(figure.requestsPerSecond) : '',
          ratio?.median.toFixed(2) ?? '',
          figure?.cpu?.toFixed(0) ?? '',
        ];
      }),
    ]),
  };
}

/** Commands that a server sends to Redis per call. */
const redisTable = (figures: readonly Figure[]): Table => ({
  head: ['operation', 'era', 'commands per call'],
  rows: figures.flatMap(({ operation, era, redis }) =>
    redis === null ? [] : [[operation, era, redis.toFixed(3)]],
  ),
});

const latencyTable = (latencies: Run['latencies']): Table => ({
  head: ['server', 'era', 'requests/s', 'median, ms', 'p99, ms', 'p99.9, ms', 'longest, ms', 'stolen'],
  rows: latencies.map(({ server, era, rate, p50, p99, p999, longest, stolen }) => [
    server,
    era,
    String(Math.round(rate)),
    ...[p50, p99, p999, longest].map((value) => value.toFixed(2)),
    percentage(stolen),
  ]),
});

/** Results of memory or of a soak. */
export const findingTable = (findings: readonly Finding[]): Table => ({
  head: ['measured', 'value', 'target', 'verdict'],
  rows: findings.map(({ measured, value, target, isMet }) => [
    measured,
    value,
    target,
    isMet === null ? '' : isMet ? 'met' : 'missed',
  ]),
});
