import { AERIE, CALL, callObservedBy, DEPLOYMENTS, OBSERVATIONS, SCOPED_CALL } from '../cases.js';
import { OPEN_SESSION } from '../further-cases.js';
import type { Figure, Memory, Run } from '../results.js';
import { markdownTable } from './table.js';

/** Share of a core that is used, so that the rest is left for peaks. */
const USED_SHARE = 0.7;
const LOADS = [100, 1_000, 5_000, 10_000, 25_000, 100_000];
/** For availability. */
const MIN_INSTANCES = 2;
const STREAMS = 10_000;

/** Number of instances for a load, computed from the CPU time of a call. Undefined without it. */
export function capacity(
  figures: readonly Figure[],
  { unseenToken }: Run,
  memory: Memory | undefined,
): string | undefined {
  // The more expensive era decides.
  const [usual] = figures
    .filter(({ server, operation, cpu }) => server === AERIE && operation === CALL && cpu !== null)
    .toSorted((a, b) => (b.cpu ?? 0) - (a.cpu ?? 0));
  const cpu = usual?.cpu ?? null;
  if (!usual || cpu === null) return undefined;
  const loads = LOADS.map((load) => {
    const cores = (load * cpu) / 1e6;
    const instances = Math.max(MIN_INSTANCES, Math.ceil(cores / USED_SHARE));
    return [load.toLocaleString('en-US'), `${(cores * 100).toFixed(0)} % of a core`, String(instances)];
  });
  const factor = (what: string, time: number | null | undefined): string[][] =>
    time === null || time === undefined ? [] : [[what, `${time.toFixed(0)} µs`, (time / cpu).toFixed(1)]];
  const operations = [
    SCOPED_CALL,
    ...[...Object.keys(DEPLOYMENTS), ...Object.keys(OBSERVATIONS)].map(callObservedBy),
    OPEN_SESSION,
  ];
  const factors = [
    ...operations.flatMap((operation) => factor(operation, costOf(figures, operation))),
    ...factor('a token that is new with each call', unseenToken === null ? null : cpu + unseenToken),
  ];
  return [
    markdownTable({
      head: [
        'load, calls per second',
        `CPU, ${cpu.toFixed(0)} µs per call (${usual.era}, limits in memory)`,
        'instances',
      ],
      rows: loads,
    }),
    'For other configurations, multiply the number of instances:',
    markdownTable({ head: ['with', 'CPU per call', 'factor'], rows: factors }),
    ...memoryPart(memory),
  ].join('\n\n');
}

/** CPU time of an operation in its more expensive era. */
function costOf(figures: readonly Figure[], operation: string): number | undefined {
  const times = figures.flatMap(({ server, operation: other, cpu }) =>
    server === AERIE && other === operation && cpu !== null ? cpu : [],
  );
  return times.length === 0 ? undefined : Math.max(...times);
}

function memoryPart(memory: Memory | undefined): string[] {
  const bytesOf = (kind: 'instance' | 'stream'): number | undefined =>
    memory?.lines.find(({ bytes }) => bytes?.of === kind)?.bytes?.count;
  const [instance, stream] = [bytesOf('instance'), bytesOf('stream')];
  return [
    ...(instance === undefined
      ? []
      : [
          `Memory: a container of 256 MB is enough ([see above](#in-a-small-container)). Without a limit, an instance had ${(instance / 2 ** 20).toFixed(0)} MB after the calls of the memory table.`,
        ]),
    ...(stream === undefined
      ? []
      : [
          `Each idle stream that listens for changes needs ${(stream / 1024).toFixed(1)} KB more: ${STREAMS.toLocaleString('en-US')} of them need ${((stream * STREAMS) / 2 ** 20).toFixed(0)} MB.`,
        ]),
  ];
}
