import {
  AERIE,
  CALL,
  callObservedBy,
  callWith,
  DEPLOYMENTS,
  FEW,
  FLOOR,
  LIST,
  MANY,
  OBSERVATIONS,
  SCOPED_CALL,
} from '../cases.js';
import { ERAS } from '../exchange.js';
import { TODO_FLOOR, TODOS } from '../further-cases.js';
import type { Figure, Run } from '../results.js';

/** Performance target of Aerie, with the measured value. */
interface Target {
  readonly what: string;
  /** Measured value; undefined if not measured. */
  readonly reached: number | undefined;
  readonly wanted: number;
  readonly atLeast: boolean;
}

/** Target for the ratio between two throughputs of the same run. */
interface Ratio {
  readonly what: string;
  readonly ours: string;
  readonly of: { readonly server: string; readonly operation: string };
  /** Targets for each era, in their order. */
  readonly wanted: readonly [number, number];
}

const RATIOS: readonly Ratio[] = [
  { what: 'tools/call, ratio to the floor', ours: CALL, of: FLOOR, wanted: [0.35, 0.35] },
  {
    what: 'tools/call, ratio to @rekog/mcp-nest',
    ours: CALL,
    of: { server: '@rekog/mcp-nest', operation: CALL },
    wanted: [5, 3],
  },
  {
    what: 'tools/call, ratio to FastMCP (Python)',
    ours: CALL,
    of: { server: 'FastMCP (Python)', operation: CALL },
    wanted: [10, 10],
  },
  { what: 'tools/list, ratio to the floor', ours: LIST, of: FLOOR, wanted: [0.3, 0.3] },
  {
    what: 'tools/list, ratio to @rekog/mcp-nest',
    ours: LIST,
    of: { server: '@rekog/mcp-nest', operation: LIST },
    wanted: [5, 5],
  },
  {
    what: `tools/call with ${MANY} tools, ratio to ${FEW} tools`,
    ours: callWith(MANY),
    of: { server: AERIE, operation: callWith(FEW) },
    wanted: [1 / 1.05, 1 / 1.05],
  },
  {
    what: 'tools/call of a request-scoped tool, ratio to a singleton',
    ours: SCOPED_CALL,
    of: { server: AERIE, operation: CALL },
    wanted: [0.65, 0.65],
  },
  ...Object.entries(DEPLOYMENTS).map(([name, share]) => ({
    what: `tools/call ${name}, ratio to memory`,
    ours: callObservedBy(name),
    of: { server: AERIE, operation: CALL },
    wanted: [share, share] as const,
  })),
  {
    what: `${TODOS}, ratio to the same query in a plain controller`,
    ours: TODOS,
    of: { server: TODO_FLOOR, operation: TODOS },
    wanted: [0.7, 0.7],
  },
  ...Object.entries(OBSERVATIONS).map(([name, share]) => ({
    what: `tools/call with ${name}, ratio to none`,
    ours: callObservedBy(name),
    of: { server: AERIE, operation: CALL },
    wanted: [share, share] as const,
  })),
];

export const TARGET_HEAD = ['measured', 'reached', 'target', 'verdict'];

/** Rows of the target table. Omits targets that the run did not measure. */
export function targetRows(
  figures: readonly Figure[],
  run: Pick<Run, 'unseenToken' | 'latencies'>,
): string[][] {
  const rate = (server: string, era: string, operation: string): number | undefined =>
    figures.find((entry) => entry.server === server && entry.era === era && entry.operation === operation)
      ?.requestsPerSecond;
  const p99 = (server: string, era: string): number | undefined =>
    run.latencies.find((entry) => entry.server === server && entry.era === era)?.p99;
  const targets: Target[] = [
    ...RATIOS.flatMap(({ what, ours, of, wanted }) =>
      ERAS.map((era, index) => ({
        what: `${what}, ${era}`,
        reached: share(rate(AERIE, era, ours), rate(of.server, era, of.operation)),
        wanted: wanted[index] ?? 0,
        atLeast: true,
      })),
    ),
    {
      what: 'additional CPU for a token that is not cached, µs',
      reached: run.unseenToken ?? undefined,
      wanted: 120,
      atLeast: false,
    },
    ...ERAS.map((era) => ({
      what: `p99 at half of the maximum, ratio to the floor, ${era}`,
      reached: share(p99(AERIE, era), p99(FLOOR.server, era)),
      wanted: 2,
      atLeast: false,
    })),
  ];
  return targets.flatMap(({ what, reached, wanted, atLeast }) =>
    reached === undefined
      ? []
      : [
          [
            what,
            reached.toFixed(2),
            `${atLeast ? 'at least' : 'at most'} ${Number(wanted.toFixed(2))}`,
            (atLeast ? reached >= wanted : reached <= wanted) ? 'met' : 'missed',
          ],
        ],
  );
}

const share = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined ? undefined : part / whole;
