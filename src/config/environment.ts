import { z } from 'zod';

import type { ConfigurationProblem } from './configuration-error.js';
import { readVariables } from './read-variables.js';
import { audit } from './sections/audit.js';
import { database } from './sections/database.js';
import { development } from './sections/development.js';
import { http } from './sections/http.js';
import { limits } from './sections/limits.js';
import { operation } from './sections/operation.js';
import { ownKeys } from './sections/own-keys.js';
import { redis } from './sections/redis.js';
import { resource } from './sections/resource.js';
import { scalekit } from './sections/scalekit.js';
import { server } from './sections/server.js';
import { sessions } from './sections/sessions.js';
import { telemetry } from './sections/telemetry.js';
import { tokens } from './sections/tokens.js';
import { tools } from './sections/tools.js';
import type { Subject, Values } from './variable.js';

/** Every section, in the order of the documentation. */
export const SECTIONS: readonly Subject[] = [
  scalekit,
  resource,
  ownKeys,
  tokens,
  http,
  server,
  tools,
  limits,
  sessions,
  operation,
  redis,
  telemetry,
  audit,
  database,
  development,
];

/** Declaration of every variable that Aerie reads. Problems are reported in this order. */
export const DECLARATIONS = {
  ...scalekit.variables,
  ...resource.variables,
  ...ownKeys.variables,
  ...tokens.variables,
  ...http.variables,
  ...server.variables,
  ...tools.variables,
  ...limits.variables,
  ...sessions.variables,
  ...operation.variables,
  ...redis.variables,
  ...telemetry.variables,
  ...audit.variables,
  ...database.variables,
  ...development.variables,
};

/** Parsed value of each variable; undefined if the variable is not set and has no default. */
export type Environment = Values<typeof DECLARATIONS>;

const schema = z.object(DECLARATIONS);

/** Names of all variables. */
export const VARIABLES: readonly (keyof Environment)[] = schema.keyof().options;

/**
 * Parses every variable.
 *
 * @param problems receives one entry for each invalid variable, which then counts as not set, so that the other
 *   variables can still be checked
 */
export function parseEnvironment(
  variables: NodeJS.ProcessEnv,
  problems: ConfigurationProblem[],
): Environment {
  const texts = readVariables(VARIABLES, variables, problems);
  const { data, error } = schema.safeParse(texts);
  if (data) return data;
  const invalid = new Map(error.issues.map((issue) => [issue.path[0], issue]));
  for (const name of VARIABLES) {
    const issue = invalid.get(name);
    if (!issue) continue;
    problems.push({
      variable: name,
      problem: describe(name, texts[name], issue),
      remedy: DECLARATIONS[name].about.remedy,
    });
    texts[name] = undefined;
  }
  return schema.parse(texts);
}

/** Returns the variable of a problem, without the suffix `_FILE`. */
export const subjectOf = ({ variable }: ConfigurationProblem): string => variable.replace(/_FILE$/, '');

function describe(name: keyof Environment, text: string | undefined, issue: z.core.$ZodIssue): string {
  if (text === undefined) return 'is not set.';
  const rule: unknown = issue.code === 'custom' ? issue.params?.['rule'] : undefined;
  const wrong = typeof rule === 'string' ? `is invalid: ${rule}.` : 'is invalid.';
  // A URL may contain a password, and PEM a private key in the place of a certificate.
  const secret = DECLARATIONS[name].about.secret === true || /@|-----BEGIN/.test(text);
  return secret ? wrong : `"${text}" ${wrong}`;
}

/** Whether a variable is set, even to an invalid value or an unreadable file. */
export function isGiven(
  variable: keyof Environment,
  environment: Environment,
  problems: readonly ConfigurationProblem[],
): boolean {
  return environment[variable] !== undefined || problems.some((problem) => subjectOf(problem) === variable);
}
