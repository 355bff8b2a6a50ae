import type { ConfigurationProblem } from './configuration-error.js';
import { PLAIN_PATH } from './environment.js';
import { slashHint, withoutSlash } from './slash-hint.js';

/** A server whose own tokens would be refused. */
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

/** A URL that cannot be served, or should not be. */
export function resourceProblems(
  resource: URL,
  variable: string,
  production: boolean,
  path = resource.pathname,
): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  if (production && resource.protocol === 'http:') {
    problems.push({
      variable,
      problem: `the resource "${resource.href}" is not https: tokens would travel in the clear.`,
      remedy: 'Put a proxy with TLS in front and use its https URL, here and in Scalekit.',
    });
  }
  if (resource.search || resource.hash) {
    problems.push({
      variable,
      problem: `the resource "${resource.href}" has a query or a fragment.`,
      remedy: 'Use a URL of scheme, host and path only.',
    });
  }
  if (!PLAIN_PATH.test(path)) {
    problems.push({
      variable,
      problem: `the path "${path}" has characters that a route cannot have.`,
      remedy: 'Use letters, digits and - . _ ~ between the slashes.',
    });
  }
  if (/^\/(health|\.well-known)(\/|$)/i.test(path)) {
    problems.push({
      variable,
      problem: `the path "${path}" is taken.`,
      remedy: 'Use another path, such as /mcp',
    });
  }
  return problems;
}

/** What looks like a mistake but may be meant. */
export function sourceWarnings(
  environmentUrl: string,
  authorizationServer: string,
  resourceId: string | undefined,
): string[] {
  const found: string[] = [];
  if (new URL(authorizationServer).origin !== environmentUrl) {
    found.push(
      `The metadata sends clients to ${authorizationServer}, but SK_ENV_URL is ${environmentUrl}: tokens of another environment are refused.`,
    );
  }
  if (!resourceId) {
    found.push(
      'Neither MCP_SERVER_ID nor the metadata tells the res_… id: tokens whose issuer is {environment}/resources/{id} are refused.',
    );
  }
  return found;
}
