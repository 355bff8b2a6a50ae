import { AERIE, CALL, callWith, FEW, FLOOR, LIST, MANY, SCOPED_CALL } from '../cases.js';
import { ERAS } from '../exchange.js';
import type { Figure, Run } from '../results.js';

/** Something that Aerie is to reach, and what it did. */
interface Target {
  readonly what: string;
  /** undefined where it was not measured. */
  readonly reached: number | undefined;
  readonly wanted: number;
  readonly atLeast: boolean;
}

/** A throughput that is to be a share of another in the same run. */
interface Ratio {
  readonly what: string;
  readonly ours: string;
  readonly of: { readonly server: string; readonly operation: string };
  /** For each era, in their order. */
  readonly wanted: readonly [number, number];
}

const RATIOS: readonly Ratio[] = [
  { what: 'a call, of the floor', ours: CALL, of: FLOOR, wanted: [0.35, 0.35] },
  {
    what: 'a call, of that of @rekog/mcp-nest',
    ours: CALL,
    of: { server: '@rekog/mcp-nest', operation: CALL },
    wanted: [5, 3],
  },
  {
    what: 'a call, of that of FastMCP (Python)',
    ours: CALL,
    of: { server: 'FastMCP (Python)', operation: CALL },
    wanted: [10, 10],
  },
  { what: 'a list, of the floor', ours: LIST, of: FLOOR, wanted: [0.3, 0.3] },
  {
    what: 'a list, of that of @rekog/mcp-nest',
    ours: LIST,
    of: { server: '@rekog/mcp-nest', operation: LIST },
    wanted: [5, 5],
  },
  {
    what: `a call with ${MANY} tools, of one with ${FEW}`,
    ours: callWith(MANY),
    of: { server: AERIE, operation: callWith(FEW) },
    wanted: [1 / 1.05, 1 / 1.05],
  },
  {
    what: 'a call of a request-scoped tool, of that of a singleton',
    ours: SCOPED_CALL,
    of: { server: AERIE, operation: CALL },
    wanted: [0.65, 0.65],
  },
];

export const TARGET_HEAD = ['measured', 'reached', 'target', ''];

/** Each target with what was reached, for people. Those that the run did not measure are left out. */
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
      what: 'CPU for a token never seen before, µs',
      reached: run.unseenToken ?? undefined,
      wanted: 120,
      atLeast: false,
    },
    ...ERAS.map((era) => ({
      what: `p99 at half of the maximum, of that of the floor, ${era}`,
      reached: share(p99(AERIE, era), p99(FLOOR.server, era)),
      wanted: 5,
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
