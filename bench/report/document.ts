import { readFile } from 'node:fs/promises';

import { AERIE } from '../cases.js';
import { repository } from '../paths.js';
import {
  type Figure,
  type Memory,
  readFigures,
  readMemory,
  readRun,
  readSoak,
  type Run,
  type Soak,
  writeFormatted,
} from '../results.js';
import { LATENCY_HEAD, latencyRows, markdownTable, throughputTable } from './table.js';
import { TARGET_HEAD, targetRows } from './targets.js';

const PAGE = `${repository}/docs/performance.md`;

/** Writes the results of the latest runs into docs/performance.md, between its markers. */
export async function updateDocument(): Promise<void> {
  const [figures, run, memory, soak] = await Promise.all([
    readFigures(),
    readRun(),
    readMemory(),
    readSoak(),
  ]);
  let page = await readFile(PAGE, 'utf8');
  page = between(page, 'results', figures && run ? results(figures, run) : 'Not measured yet.');
  page = between(page, 'memory', memory ? memoryPart(memory) : 'Not measured yet.');
  page = between(page, 'soak', soak ? soakPart(soak) : 'Not measured yet.');
  await writeFormatted(PAGE, page);
}

/** @throws {Error} if the page lacks the markers */
function between(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${PAGE} has no ${begin} … ${end}.`);
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`;
}

function results(figures: readonly Figure[], run: Run): string {
  const { head, rows } = throughputTable(figures, AERIE);
  const cpu = (server = '', era = '', operation = ''): string => {
    const found = run.cpu.find(
      (entry) => entry.server === server && entry.era === era && entry.operation === operation,
    );
    return found?.perRequest ? String(Math.round(found.perRequest)) : '';
  };
  return [
    machinePart(run.machine),
    `${run.connections} connections, median of ${run.rounds} rounds of ${run.seconds} s.`,
    markdownTable(
      [...head, 'CPU µs'],
      rows.map((row) => [...row, cpu(...row)]),
    ),
    'Targets:',
    markdownTable(TARGET_HEAD, targetRows(figures, run)),
    '![Requests per second](../bench/results/latest.svg)',
    ...(run.redis.length === 0
      ? []
      : [
          'Commands to Redis per call:',
          markdownTable(
            ['era', 'operation', 'commands'],
            run.redis.map(({ era, operation, perRequest }) => [era, operation, String(perRequest)]),
          ),
        ]),
    "Latency at half of each server's maximum throughput:",
    markdownTable(LATENCY_HEAD, latencyRows(run.latencies)),
  ].join('\n\n');
}

function memoryPart({ machine, lines }: Memory): string {
  return [
    machinePart(machine),
    markdownTable(
      ['measured', 'value', 'target'],
      lines.map(({ measured, value, target }) => [measured, value, target]),
    ),
  ].join('\n\n');
}

function soakPart({ minutes, rate, ...rest }: Soak): string {
  return [
    memoryPart(rest),
    `${minutes} minutes at ${rate} requests/s.`,
    '![Memory and p99 over time](../bench/results/soak.svg)',
  ].join('\n\n');
}

const machinePart = (machine: Run['machine']): string =>
  Object.entries(machine)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
