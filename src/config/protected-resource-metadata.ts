import { z } from 'zod';

import type { ConfigurationProblem } from './configuration-error.js';
import { httpUrl } from './http-url.js';
import { SCOPE_TOKEN } from './scope-token.js';

const members = z.looseObject({
  resource: httpUrl,
  /** Missing where no server issues tokens, but whoever holds the private key. */
  authorization_servers: z.tuple([httpUrl], httpUrl).optional(),
  scopes_supported: z.array(z.string().regex(SCOPE_TOKEN)).readonly().optional(),
});

/** A protected resource metadata document (RFC 9728 §2), with whatever further members it came with. */
export type ProtectedResourceMetadata = Readonly<z.output<typeof members>>;

/** What a document of Scalekit's has. */
const schema = members.required({ authorization_servers: true });
export type ScalekitMetadata = Readonly<z.output<typeof schema>>;

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
): ScalekitMetadata | undefined {
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
