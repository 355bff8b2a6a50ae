import type { z } from 'zod';

import { protectedResourceMetadata } from '../oauth/protected-resource-metadata.js';
import type { ConfigurationProblem } from './configuration-error.js';

/** Metadata document from Scalekit, which always names an authorization server. */
const schema = protectedResourceMetadata.required({ authorization_servers: true });
type ScalekitMetadata = Readonly<z.output<typeof schema>>;

const VARIABLE = 'PROTECTED_RESOURCE_METADATA';
const REMEDY = 'Paste the whole JSON that Scalekit shows for the MCP server, unchanged, on one line.';

/**
 * Parses the document copied from Scalekit's dashboard.
 *
 * @param problems receives each problem with the document
 * @returns undefined if the document is invalid
 */
export function parseScalekitMetadata(
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
          : `has no valid "${String(member)}" (${EXPECTED[String(member)] ?? issue.message}).`,
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
