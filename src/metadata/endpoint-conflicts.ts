import type { ProtectedResource } from '../auth/protected-resource.js';
import type { Configuration } from '../config/configuration.js';
import { DEFAULT_ENDPOINT } from '../routes/endpoint-name.js';
import { protectedPaths, SERVER_CARD_PATH } from '../routes/endpoint-paths.js';
import { withoutSlash } from '../values/without-slash.js';

/** Endpoint of the application. */
export interface Endpoint {
  readonly name: string;
  readonly configuration: Configuration;
  readonly resource: ProtectedResource;
}

/** Returns what two endpoints of an application must not have in common, as a sentence, or undefined. */
export function conflictOf(one: Endpoint, other: Endpoint): string | undefined {
  if (one.name === other.name) {
    return other.name === DEFAULT_ENDPOINT
      ? 'AerieModule is imported twice. Import it once, or name the second endpoint: { endpoint: "staff" }.'
      : `AerieModule is imported twice for the endpoint "${other.name}". Import it once for each endpoint.`;
  }
  const both = `The endpoints "${one.name}" and "${other.name}"`;
  const [a, b] = [one.configuration, other.configuration];
  const path = pathsOf(b).find((served) => pathsOf(a).includes(served));
  if (path !== undefined) return `${both} have the same path ${path || '/'}. Give each its own RESOURCE_URL.`;
  const audience = audienceOfBoth(a, b);
  if (audience !== undefined) {
    return (
      `${both} accept the same audience "${audience}" of the same issuer, so a token for one would be valid at the ` +
      'other. Give each its own RESOURCE_URL and, with Scalekit, its own MCP_SERVER_ID.'
    );
  }
  const document = documentPathOf(a);
  if (document === documentPathOf(b)) {
    return (
      `${both} have their metadata at the same path ${document}, which does not depend on the host. ` +
      'Give each a RESOURCE_URL with its own path.'
    );
  }
  if (JSON.stringify(a.redis) !== JSON.stringify(b.redis))
    return `${both} share one connection to Redis. Use the same REDIS_URL in both.`;
  if (a.stateDirectory !== b.stateDirectory) {
    return `${both} share one revocation list. Use the same STATE_DIRECTORY in both.`;
  }
  if (a.devIssuer && a.devIssuer.port === b.devIssuer?.port) {
    return `${both} need an embedded issuer each. Give each its own DEV_ISSUER_PORT.`;
  }
  return undefined;
}

/** Returns the paths that an endpoint serves, without distinctions that Express does not make. */
function pathsOf({ resource, sessions, connectPage }: Configuration): string[] {
  const path = withoutSlash(resource.path.toLowerCase());
  const below = [
    SERVER_CARD_PATH,
    ...protectedPaths({ sse: sessions.sse, connectPage: connectPage !== undefined }),
  ];
  return [path, ...below.map((name) => `${path}/${name}`)];
}

/** Returns the path of the metadata document. It follows from RESOURCE_URL, not from MCP_PATH. */
export const documentPathOf = ({ resource }: Configuration): string => new URL(resource.metadataUrl).pathname;

function audienceOfBoth(one: Configuration, other: Configuration): string | undefined {
  const accepted = new Set(acceptedBy(one).map(asText));
  return acceptedBy(other).find((pair) => accepted.has(asText(pair)))?.audience;
}

/** Returns each audience that an endpoint accepts, for each issuer. */
function acceptedBy({ scalekit, ownKeys }: Configuration): { issuer: string; audience: string }[] {
  return [scalekit, ownKeys].flatMap((verifier) =>
    (verifier?.issuers ?? []).flatMap((issuer) =>
      (verifier?.audiences ?? []).map((audience) => ({ issuer, audience })),
    ),
  );
}

const asText = ({ issuer, audience }: { issuer: string; audience: string }): string =>
  JSON.stringify([issuer, audience]);
