import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { systemErrorCode } from '../files/system-error-code.js';
import type { ConfigurationProblem } from './configuration-error.js';

const names = z.array(z.string().min(1));
const lists = z.strictObject({ allow: names.optional(), deny: names.optional() });

/** The tools of one organization. Both lists: what is allowed and not denied. Neither: all. */
export type ToolLists = Readonly<z.output<typeof lists>>;

/** The lists by organization; `*`: of every other organization, and of callers without one. */
export type ToolPolicyDocument = ReadonlyMap<string, ToolLists>;

/**
 * Parses a tool policy, such as `{ "org_acme": { "deny": ["delete_todo"] }, "*": { "allow": ["list_todos"] } }`.
 *
 * @param problems receives what is wrong, each with its place
 */
export function parseToolPolicy(text: string, problems: string[]): ToolPolicyDocument {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    problems.push(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
    return new Map();
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    problems.push('it must be an object of organizations');
    return new Map();
  }
  return new Map(
    Object.entries(parsed).map(([organization, value]: [string, unknown]) => {
      const { data = {}, error } = lists.safeParse(value);
      if (organization.trim() !== organization || organization === '') {
        problems.push(`${JSON.stringify(organization)} is the id of no organization`);
      }
      for (const { path, message } of error?.issues ?? []) {
        problems.push(`${placeOf(organization, path)}: ${message}`);
      }
      return [organization, data];
    }),
  );
}

/** Such as `org_acme.deny[0]`. */
export const placeOf = (organization: string, path: readonly PropertyKey[]): string =>
  [organization, ...path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))].join(
    '',
  );

/** What is wrong with the file that `TOOL_POLICY` names, so far as that can be told without the tools. */
export function toolPolicyProblems(file: string): ConfigurationProblem[] {
  const problems: string[] = [];
  try {
    parseToolPolicy(readFileSync(file, 'utf8'), problems);
  } catch (error) {
    problems.push(`it cannot be read (${systemErrorCode(error)})`);
  }
  return problems.map((problem) => toolPolicyProblem(file, problem));
}

/** @param problem as {@link parseToolPolicy} words it */
export const toolPolicyProblem = (file: string, problem: string): ConfigurationProblem => ({
  variable: 'TOOL_POLICY',
  problem: `${file}: ${problem}.`,
  remedy: 'Fix the file; docs/tenants.md describes it.',
});
