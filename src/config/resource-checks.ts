import type { ConfigurationProblem } from './configuration-error.js';
import { PLAIN_PATH } from './sections/resource.js';
import { withoutSlash } from '../values/without-slash.js';
import { slashHint } from './slash-hint.js';

/** Reports audiences that would make the server reject its own tokens. */
export function audienceProblems(
  audiences: readonly string[],
  resource: string,
  resourceId: string | undefined,
): ConfigurationProblem[] {
  if (audiences.some((audience) => audience === resource || audience === resourceId)) return [];
  const nearly = audiences.find((audience) => withoutSlash(audience) === withoutSlash(resource));
  return [
    {
      variable: 'EXPECTED_AUDIENCE',
      problem: `lists ${audiences.map((audience) => `"${audience}"`).join(', ') || 'nothing'}, which is not this server: its resource is "${resource}"${nearly ? slashHint(nearly, resource) : ''}.`,
      remedy: `Use ${[resource, ...(resourceId ? [resourceId] : [])].join(' and/or ')}`,
    },
  ];
}

/**
 * Reports a resource URL, or a path of the endpoint, that cannot or should not be served.
 *
 * @param variable variable that sets the resource
 * @param ownPath path of the endpoint; undefined if it is that of the resource
 */
export function resourceProblems(
  resource: URL,
  variable: string,
  production: boolean,
  ownPath: string | undefined,
): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const path = ownPath ?? resource.pathname;
  const variableOfPath = ownPath === undefined ? variable : 'MCP_PATH';
  if (production && resource.protocol === 'http:') {
    problems.push({
      variable,
      problem: `the resource "${resource.href}" is not https: tokens would be sent unencrypted.`,
      remedy: 'Put a TLS proxy in front, and use its https URL here and in Scalekit.',
    });
  }
  if (resource.search || resource.hash) {
    problems.push({
      variable,
      problem: `the resource "${resource.href}" has a query or a fragment.`,
      remedy: 'Use a URL with only scheme, host and path.',
    });
  }
  if (!PLAIN_PATH.test(path)) {
    problems.push({
      variable: variableOfPath,
      problem: `the path "${path}" contains characters that are not allowed in a route.`,
      remedy: 'Use letters, digits and - . _ ~ between the slashes.',
    });
  }
  if (/^\/(health|\.well-known)(\/|$)/i.test(path)) {
    problems.push({
      variable: variableOfPath,
      problem: `the path "${path}" is reserved.`,
      remedy: 'Use another path, such as /mcp',
    });
  }
  return problems;
}

/** Warns about token sources that look like mistakes but may be intended. */
export function sourceWarnings(
  environmentUrl: string,
  authorizationServer: string,
  resourceId: string | undefined,
): string[] {
  const found: string[] = [];
  if (new URL(authorizationServer).origin !== environmentUrl) {
    found.push(
      `The metadata sends clients to ${authorizationServer}, but SK_ENV_URL is ${environmentUrl}: tokens of another environment are rejected.`,
    );
  }
  if (!resourceId) {
    found.push(
      'Neither MCP_SERVER_ID nor the metadata contains the res_… id: tokens whose issuer is {environment}/resources/{id} are rejected.',
    );
  }
  return found;
}
