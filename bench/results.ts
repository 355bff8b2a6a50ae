import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { format, resolveConfig } from 'prettier';
import { z } from 'zod';

import { FLOOR } from './cases.js';
import { bench } from './paths.js';
import type { Measured } from './rounds.js';

const figure = z.object({
  server: z.string(),
  era: z.string(),
  operation: z.string(),
  requestsPerSecond: z.number(),
  /** Ratio to the NestJS/Express echo in the same era and run; null if that was not measured. */
  ratioToFloor: z.number().nullable(),
});

/** Line of the results. */
export type Figure = z.output<typeof figure>;

const run = z.object({
  machine: z.record(z.string(), z.string()),
  seconds: z.number(),
  rounds: z.number(),
  connections: z.number(),
  /** CPU time per request in microseconds; null if the server has no meter. */
  cpu: z.array(
    z.object({
      server: z.string(),
      era: z.string(),
      operation: z.string(),
      perRequest: z.number().nullable(),
    }),
  ),
  /** Commands that a server sent to Redis per request. */
  redis: z.array(z.object({ era: z.string(), operation: z.string(), perRequest: z.number() })).default([]),
  /** Additional CPU time for a token that is not cached, in microseconds. */
  unseenToken: z.number().nullable(),
  /** Latencies in milliseconds, at half of each server's maximum throughput. */
  latencies: z.array(
    z.object({
      server: z.string(),
      era: z.string(),
      operation: z.string(),
      rate: z.number(),
      p50: z.number(),
      p99: z.number(),
      p999: z.number().optional(),
      longest: z.number().optional(),
    }),
  ),
});

/** Settings of a run, with its CPU times and latencies. */
export type Run = z.output<typeof run>;

const memory = z.object({
  machine: z.record(z.string(), z.string()),
  lines: z.array(z.object({ measured: z.string(), value: z.string(), target: z.string() })),
});

const soak = z.object({ ...memory.shape, minutes: z.number(), rate: z.number() });

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
  return measured.map(({ server, era, operation, requestsPerSecond }) => {
    const floor = measured.find(
      (other) => other.server === FLOOR.server && other.operation === FLOOR.operation && other.era === era,
    );
    return {
      server,
      era,
      operation,
      requestsPerSecond: Math.round(requestsPerSecond),
      ratioToFloor: floor ? rounded(requestsPerSecond / floor.requestsPerSecond, 3) : null,
    };
  });
}

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
