import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

/** One thing that a scenario looked at. */
export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description: string;
  readonly errorMessage?: string | undefined;
}

/** What came of a scenario. */
export interface Scenario {
  readonly name: string;
  readonly checks: readonly Check[];
  /** Why it does not count; undefined where it does. */
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

/** How a suite calls the folder of a scenario's results. */
const FOLDER = /^server-(?<name>.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/;
/** How it says, at the end of its output, what does not count. */
const UNSCORED = /^ {2}[✓✗] (?<name>\S+) \((?<reason>[^)]+)\)$/gm;

/** What a suite has found out, from the folder it wrote and from its output. */
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

/** A scenario that broke off has written nothing. */
function checksIn(file: string): Check[] {
  if (!existsSync(file)) return [{ id: 'scenario', status: 'FAILURE', description: 'It broke off.' }];
  return checks.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export const checksWith = (status: Check['status'], { checks: all }: Scenario): Check[] =>
  all.filter((check) => check.status === status);

export const fails = (scenario: Scenario): boolean => checksWith('FAILURE', scenario).length > 0;
