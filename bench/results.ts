import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { format, resolveConfig } from 'prettier';
import { z } from 'zod';

import { AERIE, CALL, FLOOR } from './cases.js';
import { bench } from './paths.js';
import type { Measured } from './rounds.js';
import { ratioOf } from './statistics.js';

const row = { server: z.string(), era: z.string(), operation: z.string() };
/** Values of the rounds; null where the round failed. */
const rounds = z.array(z.number().nullable());

const figure = z.object({
  ...row,
  /** Median of the rounds. */
  requestsPerSecond: z.number(),
  rates: rounds,
  /** Ratio to the NestJS/Express echo in the same era and rounds; null if that was not measured. */
  ratioToFloor: z.number().nullable(),
  /** CPU time per request in microseconds; null if the server has no meter. */
  cpu: z.number().nullable(),
  /** Commands to Redis per request; null if the server has no Redis. */
  redis: z.number().nullable(),
});

/** Line of the results. */
export type Figure = z.output<typeof figure>;

const machine = z.record(z.string(), z.string());

const run = z.object({
  machine,
  seconds: z.number(),
  rounds: z.number(),
  /** Number of times that all servers were started. */
  starts: z.number().default(1),
  connections: z.number(),
  /** Length of the windows of the latencies, in seconds. */
  window: z.number(),
  /** Number of these windows for each server. */
  windows: z.number(),
  /** Additional CPU time for a token that is not cached, in microseconds. */
  unseenToken: z.number().nullable(),
  /** Latencies in milliseconds, at half of each server's maximum throughput. */
  latencies: z.array(
    z.object({
      ...row,
      rate: z.number(),
      p50: z.number(),
      p99: z.number(),
      p99s: rounds,
      p999: z.number(),
      longest: z.number(),
      /** Share of the time of all processors that the host of the machine took away, 0 to 1. */
      stolen: z.number().nullable().default(null),
    }),
  ),
  /** Parts that failed. */
  failures: z.array(z.string()),
});

/** Settings of a run, with its latencies and failures. */
export type Run = z.output<typeof run>;

const finding = z.object({
  measured: z.string(),
  value: z.string(),
  target: z.string(),
  /** Null without a target. */
  isMet: z.boolean().nullable(),
  /** Bytes of the values that the capacity is computed from. */
  bytes: z.object({ of: z.enum(['instance', 'stream']), count: z.number() }).optional(),
});

/** Line of the results of `npm run bench:memory` and `npm run bench:soak`. */
export type Finding = z.output<typeof finding>;

const memory = z.object({ machine, lines: z.array(finding), failures: z.array(z.string()) });

const soak = z.object({
  ...memory.shape,
  minutes: z.number(),
  rate: z.number(),
  /** Kinds of error lines that no fault explains, with an example and their number. */
  errors: z.array(z.object({ example: z.string(), count: z.number() })),
});

/** Results of `npm run bench:soak`. */
export type Soak = z.output<typeof soak>;

/** Results of `npm run bench:memory`. */
export type Memory = z.output<typeof memory>;

export const LATEST = `${bench}/results/latest.json`;
const CHART = `${bench}/results/latest.svg`;
export const RUN = `${bench}/results/latest-run.json`;
export const SOAK = `${bench}/results/latest-soak.json`;
export const MEMORY = `${bench}/results/latest-memory.json`;

export function figuresOf(measured: readonly Measured[]): Figure[] {
  return measured.map(({ server, era, operation, requestsPerSecond, rates, cpu, redis }) => {
    const floor = measured.find(
      (other) => other.server === FLOOR.server && other.operation === FLOOR.operation && other.era === era,
    );
    const ratio = floor && ratioOf(rates, floor.rates);
    return {
      server,
      era,
      operation,
      requestsPerSecond: Math.round(requestsPerSecond),
      rates: rates.map((rate) => (rate === null ? null : rounded(rate, 1))),
      ratioToFloor: ratio ? rounded(ratio.median, 3) : null,
      cpu: cpu === null ? null : rounded(cpu, 1),
      redis: redis === null ? null : rounded(redis, 4),
    };
  });
}

/** Finds the result of a row. */
export const figureOf = (
  figures: readonly Figure[],
  server: string,
  era: string,
  operation: string,
): Figure | undefined =>
  figures.find((entry) => entry.server === server && entry.era === era && entry.operation === operation);

/** The usual call of Aerie. */
export const usualCall = (figures: readonly Figure[], era: string): Figure | undefined =>
  figureOf(figures, AERIE, era, CALL);

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Writes a file in the repository's format. */
export async function writeFormatted(path: string, text: string): Promise<void> {
  await write(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}

export const writeChart = (svg: string): Promise<void> => write(CHART, svg);
export const writeSoakChart = (svg: string): Promise<void> => write(`${bench}/results/soak.svg`, svg);

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

export const writeJson = (path: string, value: readonly Figure[] | Run | Memory | Soak): Promise<void> =>
  writeFormatted(path, JSON.stringify(value));

export const readFigures = (): Promise<Figure[] | undefined> => read(LATEST, z.array(figure));
export const readRun = (): Promise<Run | undefined> => read(RUN, run);
export const readSoak = (): Promise<Soak | undefined> => read(SOAK, soak);
export const readMemory = (): Promise<Memory | undefined> => read(MEMORY, memory);

async function read<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
