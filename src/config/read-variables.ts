import { readFileSync } from 'node:fs';

import { systemErrorCode } from '../values/system-error-code.js';
import type { ConfigurationProblem } from './configuration-error.js';

/** Text of each variable; undefined if the variable is not set. */
export type Texts = Record<string, string | undefined>;

/**
 * Reads variables by name and trims their values. An empty value counts as not set. `NAME_FILE` may name a file that
 * contains the value, because orchestrators provide secrets as files.
 *
 * @param problems receives one entry for each variable that cannot be read, which then counts as not set
 */
export function readVariables(
  names: readonly string[],
  variables: NodeJS.ProcessEnv,
  problems: ConfigurationProblem[],
): Texts {
  return Object.fromEntries(names.map((name) => [name, readVariable(name, variables, problems)]));
}

/** Returns the name under which a variable is set: `NAME_FILE` if only the file is given. */
export const givenName = (name: string, variables: NodeJS.ProcessEnv): string =>
  !variables[name]?.trim() && variables[`${name}_FILE`]?.trim() ? `${name}_FILE` : name;

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
      problem: `is set together with ${name}_FILE.`,
      remedy: 'Remove one of them.',
    });
    return value;
  }
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    problems.push({
      variable: `${name}_FILE`,
      problem: `names a file that cannot be read (${systemErrorCode(error)}).`,
      remedy: 'Check the path and that the user that runs Aerie can read the file.',
    });
    return undefined;
  }
}
