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
import { ERAS, type Era } from '../exchange.js';
import { TODO_FLOOR, TODOS } from '../further-cases.js';
import { type Figure, figureOf, type Run } from '../results.js';
import { COVERAGE, type Ratio, ratioOf } from '../statistics.js';
import type { Table } from './table.js';

/** Target for the ratio between two throughputs of the same rounds. */
interface RatioTarget {
  readonly what: string;
  readonly ours: string;
  readonly of: { readonly server: string; readonly operation: string };
  /** Targets for each era, in their order. */
  readonly wanted: readonly [number, number];
}

export const MCP_NEST = '@rekog/mcp-nest';
const usual = { server: AERIE, operation: CALL };

const RATIOS: readonly RatioTarget[] = [
  { what: 'tools/call, ratio to the floor', ours: CALL, of: FLOOR, wanted: [0.65, 0.65] },
  {
    what: `tools/call, ratio to ${MCP_NEST}`,
    ours: CALL,
    of: { server: MCP_NEST, operation: CALL },
    wanted: [4, 3.5],
  },
  {
    what: `tools/call, ratio to ${MCP_NEST}, further aim`,
    ours: CALL,
    of: { server: MCP_NEST, operation: CALL },
    wanted: [5, 4],
  },
  {
    what: 'tools/call, ratio to FastMCP (Python)',
    ours: CALL,
    of: { server: 'FastMCP (Python)', operation: CALL },
    wanted: [10, 10],
  },
  { what: 'tools/list, ratio to the floor', ours: LIST, of: FLOOR, wanted: [0.65, 0.65] },
  {
    what: `tools/list, ratio to ${MCP_NEST}`,
    ours: LIST,
    of: { server: MCP_NEST, operation: LIST },
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
    of: usual,
    wanted: [0.75, 0.75],
  },
  ...Object.entries(DEPLOYMENTS).map(([name, share]) => ({
    what: `tools/call ${name}, ratio to memory`,
    ours: callObservedBy(name),
    of: usual,
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
    of: usual,
    wanted: [share, share] as const,
  })),
];

const MET = 'met';
const MISSED = 'missed';

const MAX_UNSEEN_TOKEN_MICROSECONDS = 120;
const MAX_TAIL_RATIO = 2;

/** Targets of a run, without those that it did not measure. */
export function targetTable(
  figures: readonly Figure[],
  { unseenToken, latencies }: Pick<Run, 'unseenToken' | 'latencies'>,
): Table {
  const tails = (server: string, era: Era): readonly (number | null)[] =>
    latencies.find((entry) => entry.server === server && entry.era === era)?.p99s ?? [];
  const rows = [
    ...RATIOS.flatMap(({ what, ours, of, wanted }) =>
      ERAS.flatMap((era, index) => {
        const own = figureOf(figures, AERIE, era, ours)?.rates ?? [];
        const other = figureOf(figures, of.server, era, of.operation)?.rates ?? [];
        return targetRow(`${what}, ${era}`, ratioOf(own, other), wanted[index] ?? 0, 'at least');
      }),
    ),
    ...targetRow(
      'additional CPU for a token that is not cached, µs',
      unseenToken ?? undefined,
      MAX_UNSEEN_TOKEN_MICROSECONDS,
      'at most',
    ),
    ...ERAS.flatMap((era) =>
      targetRow(
        `p99 at half of the maximum, ratio to the floor, ${era}`,
        ratioOf(tails(AERIE, era), tails(FLOOR.server, era)),
        MAX_TAIL_RATIO,
        'at most',
      ),
    ),
  ];
  return { head: ['measured', 'reached', 'interval of 95 %', 'target', 'verdict'], rows };
}

/** Row of a target, with the interval of its median. None if it was not measured. */
function targetRow(
  what: string,
  measured: Ratio | number | undefined,
  wanted: number,
  bound: 'at least' | 'at most',
): string[][] {
  if (measured === undefined) return [];
  const { median: reached, interval, coverage } = typeof measured === 'number' ? single(measured) : measured;
  const [from, to] = interval;
  const reaches = (value: number): boolean => (bound === 'at least' ? value >= wanted : value <= wanted);
  const isCertain = reaches(from) === reaches(to);
  return [
    [
      what,
      reached.toFixed(2),
      from === to
        ? ''
        : `${from.toFixed(2)} to ${to.toFixed(2)}${coverage < COVERAGE ? ` (${percent(coverage)})` : ''}`,
      `${bound} ${Number(wanted.toFixed(2))}`,
      `${reaches(reached) ? MET : MISSED}${isCertain ? '' : '?'}`,
    ],
  ];
}

const single = (value: number): Ratio => ({ median: value, interval: [value, value], coverage: 1 });
const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

/** Says how many targets of a run are met and missed. */
export function targetSentence({ rows }: Table): string {
  const count = (verdict: string): number => rows.filter((row) => row.at(-1) === verdict).length;
  const unsure = count(`${MET}?`) + count(`${MISSED}?`);
  return `Of ${rows.length} targets, ${count(MET)} are met and ${count(MISSED)} are missed. For the other ${unsure}, marked \`?\`, the rounds differ too much to tell.`;
}
