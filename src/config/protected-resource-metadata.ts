import { z } from 'zod';

import type { ConfigurationProblem } from './configuration-error.js';
import { httpUrl } from './http-url.js';
import { SCOPE_TOKEN } from './scope-token.js';

const schema = z.looseObject({
  resource: httpUrl,
  authorization_servers: z.tuple([httpUrl], httpUrl),
  scopes_supported: z.array(z.string().regex(SCOPE_TOKEN)).readonly().optional(),
});

/** A protected resource metadata document (RFC 9728 §2), with whatever further members it came with. */
export type ProtectedResourceMetadata = Readonly<z.output<typeof schema>>;

const VARIABLE = 'PROTECTED_RESOURCE_METADATA';
const REMEDY = 'Paste the whole JSON that Scalekit shows for the MCP server, on one line, as it is.';

/**
 * Parses the document as pasted from Scalekit's dashboard.
 *
 * @param problems receives what is wrong with it
 * @returns undefined when something is
 */
export function parseProtectedResourceMetadata(
  text: string,
  problems: ConfigurationProblem[],
): ProtectedResourceMetadata | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    problems.push({ variable: VARIABLE, problem: 'is not JSON.', remedy: REMEDY });
    return undefined;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const member = issue.path[0];
    problems.push({
      variable: VARIABLE,
      problem:
        member === undefined
          ? 'is not a JSON object.'
          : `has no usable "${String(member)}" (${EXPECTED[String(member)] ?? issue.message}).`,
      remedy: REMEDY,
    });
  }
  return undefined;
}

const EXPECTED: Readonly<Record<string, string>> = {
  resource: "the endpoint's public URL",
  authorization_servers: 'a list of at least one URL',
  scopes_supported: 'a list of scopes',
};
