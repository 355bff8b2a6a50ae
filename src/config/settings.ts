import { type ConfigFactoryKeyHost, registerAs } from '@nestjs/config';
import type { z } from 'zod';

import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import { deepFreeze } from '../values/deep-freeze.js';
import { readVariables, type Texts } from './read-variables.js';

/** Namespace of settings, as created by `registerAs`. */
export type Settings<Value> = (() => Value) & ConfigFactoryKeyHost<Value>;

/**
 * Defines a namespace of settings of a deployment. Its variables follow the same rules as Aerie's: an empty value
 * counts as not set, and `NAME_FILE` names a file that contains the value. Startup fails on an invalid value.
 *
 * ```ts
 * export const billing = settings('billing', z.object({
 *   BILLING_URL: z.url('Use the URL of the billing service, such as https://billing.internal'),
 * }));
 * ```
 *
 * @param schema schema with one member for each variable; the error message of a check tells the operator what to do
 */
export function settings<Schema extends z.ZodObject>(
  namespace: string,
  schema: Schema,
): Settings<z.output<Schema>> {
  return registerAs(namespace, () => {
    const problems: ConfigurationProblem[] = [];
    const texts = readVariables(Object.keys(schema.shape), process.env, problems);
    const parsed = schema.safeParse(texts);
    problems.push(...schemaProblems(parsed.error?.issues ?? [], texts, namespace));
    if (problems.length > 0 || !parsed.success) throw new ConfigurationError(problems);
    return deepFreeze(parsed.data);
  });
}

/**
 * Converts schema issues into configuration problems, without values, which may be secret.
 *
 * @param texts text of each variable
 * @param subject subject of a problem that belongs to no variable
 */
export function schemaProblems(
  issues: readonly z.core.$ZodIssue[],
  texts: Texts = process.env,
  subject = 'settings',
): ConfigurationProblem[] {
  return issues.map(({ path, message }) => {
    const variable = path[0] === undefined ? undefined : String(path[0]);
    const isMissing = variable !== undefined && !texts[variable];
    return {
      variable: variable ?? subject,
      problem: isMissing ? 'is not set.' : 'is invalid.',
      remedy: message,
    };
  });
}
