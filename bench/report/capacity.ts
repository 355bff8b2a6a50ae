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
  const usual = costliestOf(figures, CALL);
  if (!usual) return undefined;
  const { cpu } = usual;
  const loads = LOADS.map((load) => {
    const cores = (load * cpu) / 1e6;
    const instances = Math.max(MIN_INSTANCES, Math.ceil(cores / USED_SHARE));
    return [load.toLocaleString('en-US'), `${(cores * 100).toFixed(0)} % of a core`, String(instances)];
  });
  const factor = (what: string, era: string, time: number): string[] => [
    what,
    era,
    `${time.toFixed(0)} µs`,
    (time / cpu).toFixed(1),
  ];
  const operations = [
    SCOPED_CALL,
    ...[...Object.keys(DEPLOYMENTS), ...Object.keys(OBSERVATIONS)].map(callObservedBy),
    OPEN_SESSION,
  ];
  const factors = [
    ...operations.flatMap((operation) => {
      const costliest = costliestOf(figures, operation);
      return costliest ? [factor(operation, costliest.era, costliest.cpu)] : [];
    }),
    ...(unseenToken === null
      ? []
      : [factor('a token that is new with each call', usual.era, cpu + unseenToken)]),
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
    'For other configurations, multiply the CPU time, and divide it by 0.7 for the number of instances. Each row is of the era in which it takes more CPU time:',
    markdownTable({ head: ['with', 'era', 'CPU per call', 'factor'], rows: factors }),
    ...memoryPart(memory),
  ].join('\n\n');
}

/** CPU time of an operation in the era in which it takes more. */
function costliestOf(
  figures: readonly Figure[],
  operation: string,
): { readonly era: string; readonly cpu: number } | undefined {
  return figures
    .flatMap(({ server, era, operation: other, cpu }) =>
      server === AERIE && other === operation && cpu !== null ? [{ era, cpu }] : [],
    )
    .toSorted((a, b) => b.cpu - a.cpu)[0];
}

function memoryPart(memory: Memory | undefined): string[] {
  const bytesOf = (kind: 'instance' | 'stream'): number | undefined =>
    memory?.lines.find(({ bytes }) => bytes?.of === kind)?.bytes?.count;
  const [instance, stream] = [bytesOf('instance'), bytesOf('stream')];
  return [
    ...(instance === undefined
      ? []
      : [
          `Memory: a container of 256 MB is enough ([see above](#in-a-small-container)). Without a limit, an instance, started as in the image, had ${(instance / 2 ** 20).toFixed(0)} MB after the calls of the memory table.`,
        ]),
    ...(stream === undefined
      ? []
      : [
          `Each idle stream that listens for changes needs ${(stream / 1024).toFixed(1)} KB more: ${STREAMS.toLocaleString('en-US')} of them need ${((stream * STREAMS) / 2 ** 20).toFixed(0)} MB.`,
        ]),
  ];
}
