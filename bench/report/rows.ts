import { AERIE, CALL, LIST } from '../cases.js';
import { ERAS } from '../exchange.js';
import { type Figure, figureOf, type Finding, type Run, usualCall } from '../results.js';
import { ratioOf } from '../statistics.js';

export const SERVER_HEAD = [
  'server',
  'era',
  'operation',
  'requests/s',
  'of the floor',
  `${AERIE} does`,
  'CPU µs',
];

/** Whether a row is a further operation or configuration of Aerie. */
export const isFurther = ({ server, operation }: Pick<Figure, 'server' | 'operation'>): boolean =>
  server === AERIE && operation !== CALL && operation !== LIST;

/** Calls and lists of all servers, with their ratio to the floor, and Aerie's ratio to each other server. */
export const serverRows = (figures: readonly Figure[]): string[][] =>
  figures
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
    });

export const OPERATION_HEAD = [
  'operation',
  ...ERAS.flatMap((era) => [`requests/s, ${era}`, 'of a call', 'CPU µs']),
];

/** Further operations and configurations of Aerie, with their ratio to its usual call. */
export function operationRows(figures: readonly Figure[]): string[][] {
  const operations = [...new Set(figures.filter(isFurther).map(({ operation }) => operation))];
  return operations.map((operation) => [
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
  ]);
}

export const REDIS_HEAD = ['operation', 'era', 'commands per call'];

/** Commands that a server sends to Redis per call. */
export const redisRows = (figures: readonly Figure[]): string[][] =>
  figures.flatMap(({ operation, era, redis }) =>
    redis === null ? [] : [[operation, era, redis.toFixed(3)]],
  );

export const LATENCY_HEAD = [
  'server',
  'era',
  'requests/s',
  'median, ms',
  'p99, ms',
  'p99.9, ms',
  'longest, ms',
];

/** Rows of the latency table. Results before version 0.2 have no p99.9 and no longest latency. */
export const latencyRows = (latencies: Run['latencies']): string[][] =>
  latencies.map(({ server, era, rate, p50, p99, p999, longest }) => [
    server,
    era,
    String(Math.round(rate)),
    ...[p50, p99, p999, longest].map((value) => value?.toFixed(2) ?? ''),
  ]);

export const FINDING_HEAD = ['measured', 'value', 'target', 'verdict'];

/** Rows of the tables of memory and soak. */
export const findingRows = (findings: readonly Finding[]): string[][] =>
  findings.map(({ measured, value, target, isMet }) => [
    measured,
    value,
    target,
    isMet === null ? '' : isMet ? 'met' : 'missed',
  ]);
