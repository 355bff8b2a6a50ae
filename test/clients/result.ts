import { readFileSync, writeFileSync } from 'node:fs';

import { z } from 'zod';

const step = z.strictObject({
  step: z.enum(['sign in', 'connect', 'list', 'call', 'step-up', 'renew', 'conformance']),
  outcome: z.enum(['passed', 'failed', 'unsupported']),
  detail: z.string(),
});

const result = z.strictObject({
  /** Packages with their versions. */
  packages: z.string(),
  date: z.iso.date(),
  /** Reason why the client did not run, such as a missing toolchain. */
  notRun: z.string().optional(),
  steps: z.array(step),
});

const results = z.record(z.string(), result);

export type Step = z.output<typeof step>;
export type Result = z.output<typeof result>;
export type Results = z.output<typeof results>;

const FILE = 'test/clients/results.json';

export const readStep = (line: unknown): Step => step.parse(line);

/** Reads the results of the last run of each client, by name. */
export const readResults = (): Results => results.parse(JSON.parse(readFileSync(FILE, 'utf8')));

export function writeResults(all: Results): void {
  const sorted = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => a.localeCompare(b)));
  writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
}
