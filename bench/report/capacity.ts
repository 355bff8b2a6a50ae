import { AERIE, CALL, callObservedBy, DEPLOYMENTS, OBSERVATIONS, SCOPED_CALL } from '../cases.js';
import { ERAS } from '../exchange.js';
import { OPEN_SESSION } from '../further-cases.js';
import type { Figure, Memory, Run } from '../results.js';
import { markdownTable } from './table.js';

/** Share of a core that is used, so that the rest is left for peaks. */
const USED_SHARE = 0.7;
const LOADS = [100, 1_000, 5_000, 10_000, 25_000, 100_000];
/** For availability. */
const MIN_INSTANCES = 2;
const STREAMS = 10_000;

/** Several instances need Redis, and count the default limits there call by call. */
const BASE = callObservedBy('deployed, default limits');
const AUDIT_TO_FILE = callObservedBy('audit to a file');

/** Number of instances for a load, computed from the CPU time of a call. Undefined without it. */
export function capacity(
  figures: readonly Figure[],
  { unseenToken }: Run,
  memory: Memory | undefined,
): string | undefined {
  const cpu = Math.max(...ERAS.flatMap((era) => cpuOf(figures, era, BASE) ?? []));
  if (!Number.isFinite(cpu)) return undefined;
  const loads = LOADS.map((load) => {
    const cores = (load * cpu) / 1e6;
    const instances = Math.max(MIN_INSTANCES, Math.ceil(cores / USED_SHARE));
    return [load.toLocaleString('en-US'), `${(cores * 100).toFixed(0)} % of a core`, String(instances)];
  });
  const factor = (what: string, difference: number): string[] => [
    what,
    `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(0)} µs`,
    (1 + difference / cpu).toFixed(1),
  ];
  const compared = (operations: readonly string[], reference: string): string[][] =>
    operations.flatMap((operation) => {
      const difference = differenceBetween(figures, operation, reference);
      return difference === undefined ? [] : [factor(operation, difference)];
    });
  const deployments = Object.keys(DEPLOYMENTS).map(callObservedBy);
  // The base has an audit trail already.
  const additions = Object.keys(OBSERVATIONS)
    .map(callObservedBy)
    .filter((name) => name !== AUDIT_TO_FILE);
  return [
    markdownTable({
      head: [
        'load, calls per second',
        `CPU, ${cpu.toFixed(0)} µs per call (Redis, default limits, audit to standard output)`,
        'instances',
      ],
      rows: loads,
    }),
    'Other configurations take more or less CPU time per call. Multiply the CPU time by the factor, and divide it by 0.7 for the number of instances. `tools/call` has limits in memory and no audit trail, which suits a single instance only. Each row is of the revision in which it costs more:',
    markdownTable({
      head: ['with', 'CPU time per call', 'factor'],
      rows: [
        ...compared([CALL, ...deployments.filter((operation) => operation !== BASE)], BASE),
        ...compared([SCOPED_CALL, ...additions, OPEN_SESSION], CALL),
        ...(unseenToken === null ? [] : [factor('a token that is new with each call', unseenToken)]),
      ],
    }),
    ...memoryPart(memory),
  ].join('\n\n');
}

/** Additional CPU time of an operation compared with another one, in the era in which it costs more. */
function differenceBetween(
  figures: readonly Figure[],
  operation: string,
  reference: string,
): number | undefined {
  const differences = ERAS.flatMap((era) => {
    const [own, other] = [cpuOf(figures, era, operation), cpuOf(figures, era, reference)];
    return own === undefined || other === undefined ? [] : [own - other];
  });
  return differences.length === 0 ? undefined : Math.max(...differences);
}

const cpuOf = (figures: readonly Figure[], era: Figure['era'], operation: string): number | undefined =>
  figures.find((figure) => figure.server === AERIE && figure.era === era && figure.operation === operation)
    ?.cpu ?? undefined;

function memoryPart(memory: Memory | undefined): string[] {
  const bytesOf = (kind: 'instance' | 'stream'): number | undefined =>
    memory?.lines.find(({ bytes }) => bytes?.of === kind)?.bytes?.count;
  const [instance, stream] = [bytesOf('instance'), bytesOf('stream')];
  return [
    ...(instance === undefined
      ? []
      : [
          `Memory: a container of 256 MB is enough ([see below](#in-a-small-container)). Without a limit, an instance, started as in the image, had ${(instance / 2 ** 20).toFixed(0)} MB after the calls of the memory table.`,
        ]),
    ...(stream === undefined
      ? []
      : [
          `Each idle stream that listens for changes needs ${(stream / 1024).toFixed(1)} KB more: ${STREAMS.toLocaleString('en-US')} of them need ${((stream * STREAMS) / 2 ** 20).toFixed(0)} MB.`,
        ]),
  ];
}
