import { readFile } from 'node:fs/promises';

import { AERIE, CALL, FLOOR } from '../cases.js';
import { ERAS } from '../exchange.js';
import { repository } from '../paths.js';
import {
  type Figure,
  figureOf,
  type Memory,
  readFigures,
  readMemory,
  readRun,
  readSoak,
  type Run,
  type Soak,
  writeChart,
  writeFormatted,
} from '../results.js';
import { ratioOf } from '../statistics.js';
import { capacity } from './capacity.js';
import { chart } from './chart.js';
import { findingTable, resultTables } from './result-tables.js';
import { markdownTable } from './table.js';
import { MCP_NEST, targetSentence } from './targets.js';

const PAGE = `${repository}/docs/performance.md`;
const NOT_MEASURED = 'Not measured yet.';

/** Writes the results of the latest runs into docs/performance.md, between its markers, and draws its chart. */
export async function updateDocument(): Promise<void> {
  const [figures, run, memory, soak] = await Promise.all([
    readFigures(),
    readRun(),
    readMemory(),
    readSoak(),
  ]);
  const parts = {
    summary: figures && run && summary(figures, run, { memory, soak }),
    results: figures && run && results(figures, run),
    memory: memory && memoryPart(memory),
    capacity: figures && run && capacity(figures, run, memory),
    soak: soak && soakPart(soak),
  };
  let page = await readFile(PAGE, 'utf8');
  for (const [name, content] of Object.entries(parts)) page = between(page, name, content ?? NOT_MEASURED);
  await writeFormatted(PAGE, page);
  if (figures) await writeChart(chart(figures));
}

/** @throws {Error} if the page lacks the markers */
function between(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${PAGE} has no ${begin} … ${end}.`);
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`;
}

/** Answers the question of a reader who reads no tables. */
function summary(
  figures: readonly Figure[],
  run: Run,
  others: Readonly<Record<'memory' | 'soak', Memory | Soak | undefined>>,
): string {
  const speeds = ERAS.flatMap((era) => {
    const own = figureOf(figures, AERIE, era, CALL);
    if (!own) return [];
    const ratioTo = (other: Figure | undefined): string | undefined =>
      ratioOf(own.rates, other?.rates ?? [])?.median.toFixed(2);
    const floor = ratioTo(figureOf(figures, FLOOR.server, era, FLOOR.operation));
    const peer = ratioTo(figureOf(figures, MCP_NEST, era, CALL));
    const ratios = [
      ...(floor === undefined ? [] : [`${floor} of the floor`]),
      ...(peer === undefined ? [] : [`${peer} times ${MCP_NEST}`]),
    ];
    return `${Math.round(own.requestsPerSecond)} calls per second of MCP ${era} (${ratios.join(', ')})`;
  });
  const runs = Object.entries(others).flatMap(([name, other]) =>
    other ? [`of ${name} from ${origin(other)}`] : [],
  );
  return [
    `${speeds.length > 0 ? `On one core, Aerie answers ${speeds.join(', and ')}. ` : ''}${targetSentence(resultTables(figures, run).targets)}`,
    `The results are from ${[origin(run), ...runs].join(', those ')}. Compare numbers only within one run.`,
  ].join('\n\n');
}

/** Names the run that a part of the page is from. */
const origin = ({ machine: { date, commit, cores } }: Pick<Run, 'machine'>): string =>
  `${date} (commit ${commit}, ${cores})`;

function results(figures: readonly Figure[], run: Run): string {
  const { servers, operations, redis, targets, latencies } = resultTables(figures, run);
  return [
    machinePart(run.machine),
    `${run.connections} connections, median of ${run.rounds} rounds of ${run.seconds} s, in ${run.starts} process${run.starts === 1 ? '' : 'es'} each.`,
    ...failurePart(run.failures),
    markdownTable(servers),
    '![Requests per second](../bench/results/latest.svg)',
    ...(operations.rows.length > 0
      ? ['Further operations and configurations of Aerie:', markdownTable(operations)]
      : []),
    ...(redis.rows.length > 0 ? ['Commands to Redis:', markdownTable(redis)] : []),
    'Targets. A ratio is the median of the ratios of the rounds. If its [interval](benchmark.md#method) contains the target, the verdict has a `?`.',
    markdownTable(targets),
    `Latency at half of each server's maximum throughput, in ${run.windows} windows of ${run.window} s. The longest is that of all windows, the others are their medians:`,
    markdownTable(latencies),
  ].join('\n\n');
}

function memoryPart({ machine, lines, failures }: Memory): string {
  return [machinePart(machine), ...failurePart(failures), markdownTable(findingTable(lines))].join('\n\n');
}

function soakPart({ minutes, rate, errors, ...rest }: Soak): string {
  return [
    memoryPart(rest),
    `${minutes} minutes at ${rate} requests/s.`,
    ...(errors.length === 0
      ? []
      : [
          'Error lines that no fault explains:',
          markdownTable({
            head: ['number', 'example'],
            rows: errors.map(({ example, count }) => [
              String(count),
              `\`${example.replaceAll(/[`|]/g, ' ')}\``,
            ]),
          }),
        ]),
    '![Memory and p99 over time](../bench/results/soak.svg)',
  ].join('\n\n');
}

const failurePart = (failures: readonly string[]): string[] =>
  failures.length === 0
    ? []
    : [
        'Warm-ups and rounds that failed. The tables are without them:',
        failures.map((failure) => `- ${failure.split('\n', 1)[0]}`).join('\n'),
      ];

const machinePart = (machine: Run['machine']): string =>
  Object.entries(machine)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
