import { readFileSync } from 'node:fs';

import { systemErrorCode } from '../files/system-error-code.js';
import type { ConfigurationProblem } from './configuration-error.js';

/** The text of each variable; undefined where it is not set. */
export type Texts = Record<string, string | undefined>;

/**
 * Reads variables by name, without white space around their values. An empty value counts as not set. A variable
 * may also be given as a file that holds its value (`NAME_FILE`), as orchestrators hand out secrets.
 *
 * @param problems receives one entry for each variable that cannot be read; that variable then counts as not set
 */
export function readVariables(
  names: readonly string[],
  variables: NodeJS.ProcessEnv,
  problems: ConfigurationProblem[],
): Texts {
  return Object.fromEntries(names.map((name) => [name, readVariable(name, variables, problems)]));
}

function readVariable(
  name: string,
  variables: NodeJS.ProcessEnv,
  problems: ConfigurationProblem[],
): string | undefined {
  const value = variables[name]?.trim() || undefined;
  const file = variables[`${name}_FILE`]?.trim();
  if (!file) return value;
  if (value !== undefined) {
    problems.push({
      variable: name,
      problem: `is set, and ${name}_FILE is too.`,
      remedy: 'Keep one of the two.',
    });
    return value;
  }
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    problems.push({
      variable: `${name}_FILE`,
      problem: `names a file that cannot be read (${systemErrorCode(error)}).`,
      remedy: 'Check the path and that the user Aerie runs as may read it.',
    });
    return undefined;
  }
}
