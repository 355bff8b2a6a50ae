import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

/** Check of a scenario. */
export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description: string;
  readonly errorMessage?: string | undefined;
}

/** Result of a scenario. */
export interface Scenario {
  readonly name: string;
  readonly checks: readonly Check[];
  /** Reason for not being scored; undefined if scored. */
  readonly unscored: string | undefined;
}

const checks = z.array(
  z.object({
    id: z.string(),
    status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'SKIPPED', 'INFO']),
    description: z.string(),
    errorMessage: z.string().optional(),
  }),
);

/** Pattern of a suite's result folder of a scenario. */
const FOLDER = /^server-(?<name>.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/;
/** Pattern of the unscored scenarios at the end of a suite's output. */
const UNSCORED = /^ {2}[✓✗] (?<name>\S+) \((?<reason>[^)]+)\)$/gm;

/** Reads a suite's results from its folder and its output. */
export function scenariosOf(directory: string, output: string): Scenario[] {
  const reasons = new Map(
    [...output.matchAll(UNSCORED)].map(({ groups }) => [groups?.['name'], groups?.['reason']]),
  );
  return readdirSync(directory)
    .toSorted()
    .map((folder) => {
      const name = FOLDER.exec(folder)?.groups?.['name'] ?? folder;
      return { name, checks: checksIn(join(directory, folder, 'checks.json')), unscored: reasons.get(name) };
    });
}

/** Reads a result file. A scenario that broke off has none. */
function checksIn(file: string): Check[] {
  if (!existsSync(file)) return [{ id: 'scenario', status: 'FAILURE', description: 'It broke off.' }];
  return checks.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export const checksWith = (status: Check['status'], { checks: all }: Scenario): Check[] =>
  all.filter((check) => check.status === status);

export const fails = (scenario: Scenario): boolean => checksWith('FAILURE', scenario).length > 0;
