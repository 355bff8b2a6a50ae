import type { ProtectedResourceMetadata } from '../oauth/protected-resource-metadata.js';
import type { AuthMode } from './auth-modes.js';
import type { ConfigurationProblem } from './configuration-error.js';
import { DEV_RESOURCE_ID } from './dev-resource-id.js';
import { type Environment, isGiven } from './environment.js';
import { parseScalekitMetadata } from './scalekit-metadata.js';
import { slashHint } from './slash-hint.js';

/** Issuer and resource of the tokens, as far as the settings determine them. */
export interface TokenSource {
  /** URL of Scalekit's environment or of the embedded issuer; undefined without an authorization server. */
  readonly environmentUrl: string | undefined;
  readonly metadata: ProtectedResourceMetadata | undefined;
  readonly resource: string | undefined;
  /** Variable that sets the resource. */
  readonly resourceVariable: string;
  readonly resourceId: string | undefined;
}

/** Selects the token source. Own keys can be used in addition to an authorization server, or instead of one. */
export function chooseTokenSource(
  authModes: readonly AuthMode[],
  environment: Environment,
  production: boolean,
  problems: ConfigurationProblem[],
): TokenSource {
  if (authModes.includes('scalekit')) return scalekitSource(environment, production, problems);
  if (authModes.includes('dev')) return developmentSource(environment, problems);
  return ownKeysSource(environment, production, problems);
}

/** Returns the embedded issuer, which provides its own metadata. */
function developmentSource(environment: Environment, problems: ConfigurationProblem[]): TokenSource {
  if (environment.NODE_ENV === 'production') {
    problems.push({
      variable: environment.AUTH_MODE ? 'AUTH_MODE' : 'SK_ENV_URL',
      problem: environment.AUTH_MODE
        ? 'includes "dev" with NODE_ENV=production: the embedded issuer signs anybody in.'
        : 'is required with NODE_ENV=production: the embedded issuer signs anybody in.',
      remedy: environment.AUTH_MODE
        ? 'Use "scalekit" with SK_ENV_URL instead, or only "jwt".'
        : 'Set the environment URL that Scalekit shows, such as https://acme.scalekit.com, or AUTH_MODE=jwt to trust your own keys.',
    });
  }
  if (environment.PROTECTED_RESOURCE_METADATA) {
    problems.push({
      variable: 'PROTECTED_RESOURCE_METADATA',
      problem: 'is set, but the embedded issuer provides its own metadata.',
      remedy:
        'Set SK_ENV_URL too to use Scalekit, or remove PROTECTED_RESOURCE_METADATA to use the embedded issuer.',
    });
  }
  const environmentUrl = `http://localhost:${environment.DEV_ISSUER_PORT}`;
  const resource = environment.RESOURCE_URL ?? `http://localhost:${environment.PORT}/mcp`;
  return {
    environmentUrl,
    metadata: deriveMetadata(environmentUrl, DEV_RESOURCE_ID, resource),
    resource: environment.NODE_ENV === 'production' ? environment.RESOURCE_URL : resource,
    resourceVariable: 'RESOURCE_URL',
    resourceId: DEV_RESOURCE_ID,
  };
}

/** Returns a source without an authorization server: the owner of the private key signs the tokens. */
function ownKeysSource(
  environment: Environment,
  production: boolean,
  problems: ConfigurationProblem[],
): TokenSource {
  if (production && !isGiven('RESOURCE_URL', environment, problems)) {
    problems.push({
      variable: 'RESOURCE_URL',
      problem: 'is not set, and no other setting determines the URL of the endpoint.',
      remedy: "Set the endpoint's public URL, such as https://mcp.example.com/mcp",
    });
  }
  const local = production ? undefined : `http://localhost:${environment.PORT}/mcp`;
  const resource = environment.RESOURCE_URL ?? local;
  return {
    environmentUrl: undefined,
    metadata: resource === undefined ? undefined : { resource, bearer_methods_supported: ['header'] },
    resource,
    resourceVariable: 'RESOURCE_URL',
    resourceId: undefined,
  };
}

/** Returns Scalekit, described by the metadata from its dashboard or by MCP_SERVER_ID and RESOURCE_URL. */
function scalekitSource(
  environment: Environment,
  production: boolean,
  problems: ConfigurationProblem[],
): TokenSource {
  const environmentUrl = scalekitEnvironmentUrl(environment.SK_ENV_URL, production, problems);
  const { MCP_SERVER_ID, RESOURCE_URL, PROTECTED_RESOURCE_METADATA: json } = environment;
  if (json !== undefined) {
    const metadata = parseScalekitMetadata(json, problems);
    const resourceId = /\/resources\/(res_\w+)$/.exec(metadata?.authorization_servers[0] ?? '')?.[1];
    if (metadata) problems.push(...contradictions(environment, metadata, resourceId));
    return {
      environmentUrl,
      metadata,
      resource: metadata?.resource,
      resourceVariable: 'PROTECTED_RESOURCE_METADATA',
      resourceId: resourceId ?? MCP_SERVER_ID,
    };
  }
  const missing = (['MCP_SERVER_ID', 'RESOURCE_URL'] as const).filter(
    (variable) => !isGiven(variable, environment, problems),
  );
  if (missing.length > 0) {
    problems.push({
      variable: 'PROTECTED_RESOURCE_METADATA',
      problem: `is not set, and ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set either.`,
      remedy: 'Paste the JSON that Scalekit shows for the MCP server, or set MCP_SERVER_ID and RESOURCE_URL.',
    });
  }
  const derivable = environmentUrl && MCP_SERVER_ID && RESOURCE_URL;
  return {
    environmentUrl,
    metadata: derivable ? deriveMetadata(environmentUrl, MCP_SERVER_ID, RESOURCE_URL) : undefined,
    resource: RESOURCE_URL,
    resourceVariable: 'RESOURCE_URL',
    resourceId: MCP_SERVER_ID,
  };
}

function scalekitEnvironmentUrl(
  text: string | undefined,
  production: boolean,
  problems: ConfigurationProblem[],
): string | undefined {
  if (text === undefined) {
    problems.push({
      variable: 'SK_ENV_URL',
      problem: 'is not set, but AUTH_MODE is "scalekit".',
      remedy: 'Set the environment URL that Scalekit shows, such as https://acme.scalekit.com',
    });
    return undefined;
  }
  const url = new URL(text);
  if (url.pathname !== '/' || url.search || url.hash) {
    problems.push({
      variable: 'SK_ENV_URL',
      problem: `"${text}" has a path, but it must be the root URL of the environment.`,
      remedy: `Use ${url.origin}`,
    });
    return undefined;
  }
  if (production && url.protocol === 'http:') {
    problems.push({
      variable: 'SK_ENV_URL',
      problem: `"${text}" is not https, so an attacker on the network could supply signing keys.`,
      remedy: 'Use the https URL that Scalekit shows.',
    });
  }
  return url.origin;
}

function deriveMetadata(
  environmentUrl: string,
  resourceId: string,
  resource: string,
): ProtectedResourceMetadata {
  return {
    resource,
    authorization_servers: [`${environmentUrl}/resources/${resourceId}`],
    bearer_methods_supported: ['header'],
  };
}

function contradictions(
  environment: Environment,
  metadata: ProtectedResourceMetadata,
  resourceId: string | undefined,
): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  if (environment.RESOURCE_URL && environment.RESOURCE_URL !== metadata.resource) {
    problems.push({
      variable: 'RESOURCE_URL',
      problem: `is "${environment.RESOURCE_URL}", but the metadata's resource is "${metadata.resource}"${slashHint(environment.RESOURCE_URL, metadata.resource)}.`,
      remedy: 'Remove RESOURCE_URL, or register exactly this URL in Scalekit and paste the new metadata.',
    });
  }
  if (environment.MCP_SERVER_ID && resourceId && environment.MCP_SERVER_ID !== resourceId) {
    problems.push({
      variable: 'MCP_SERVER_ID',
      problem: `is "${environment.MCP_SERVER_ID}", but the authorization server in the metadata belongs to "${resourceId}".`,
      remedy: 'Remove MCP_SERVER_ID, or paste the metadata of that MCP server.',
    });
  }
  return problems;
}
