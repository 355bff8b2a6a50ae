import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { repeatedNames } from '../values/repeated-names.js';
import { systemErrorCode } from '../values/system-error-code.js';
import type { ConfigurationProblem } from './configuration-error.js';
import { messageOf } from '../values/trace-of.js';
import { withoutByteOrderMark } from '../values/without-byte-order-mark.js';

const names = z.array(z.string().min(1));
const lists = z.strictObject({
  allow: names.optional(),
  allowGroups: names.optional(),
  deny: names.optional(),
  denyGroups: names.optional(),
});

/** Allowed and denied tools and groups of an organization. What is denied is removed from what is allowed. */
export type ToolLists = Readonly<z.output<typeof lists>>;

/** Tool lists by organization. `*` applies to every other organization and to callers without one. */
export type ToolPolicyDocument = ReadonlyMap<string, ToolLists>;

/**
 * Parses a tool policy, such as `{ "org_acme": { "deny": ["delete_todo"] }, "*": { "allow": ["list_todos"] } }`.
 *
 * @param problems receives each problem with its location
 */
export function parseToolPolicy(source: string, problems: string[]): ToolPolicyDocument {
  const text = withoutByteOrderMark(source);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    problems.push(`it is not JSON: ${messageOf(error)}`);
    return new Map();
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    problems.push('it must be a JSON object keyed by organization id');
    return new Map();
  }
  for (const place of new Set(repeatedNames(text))) {
    problems.push(`${place} is there more than once. Combine its entries`);
  }
  return new Map(
    Object.entries(parsed).map(([organization, value]: [string, unknown]) => {
      const { data = {}, error } = lists.safeParse(value);
      if (organization.trim() !== organization || organization === '') {
        problems.push(`${JSON.stringify(organization)} is not a valid organization id`);
      }
      for (const { path, message } of error?.issues ?? []) {
        problems.push(`${placeOf(organization, path)}: ${message}`);
      }
      return [organization, data];
    }),
  );
}

/** Formats a location such as `org_acme.deny[0]`. */
export const placeOf = (organization: string, path: readonly PropertyKey[]): string =>
  [organization, ...path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))].join(
    '',
  );

/** Reports problems with the file that `TOOL_POLICY` names, except unknown tools and groups, which only the catalog can detect. */
export function toolPolicyProblems(file: string): ConfigurationProblem[] {
  const problems: string[] = [];
  try {
    parseToolPolicy(readFileSync(file, 'utf8'), problems);
  } catch (error) {
    problems.push(`it cannot be read (${systemErrorCode(error)})`);
  }
  return problems.map((problem) => toolPolicyProblem(file, problem));
}

/** @param problem text from {@link parseToolPolicy} */
export const toolPolicyProblem = (file: string, problem: string): ConfigurationProblem => ({
  variable: 'TOOL_POLICY',
  problem: `${file}: ${problem}.`,
  remedy: 'Fix the file (see docs/tenants.md).',
});
