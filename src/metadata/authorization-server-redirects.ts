import cors from 'cors';
import type { RequestHandler } from 'express';

import { DEFAULT_ENDPOINT } from '../routes/endpoint-name.js';
import type { Endpoint } from './endpoint-conflicts.js';
import { withoutSlash } from '../values/without-slash.js';

const CACHE_CONTROL = 'public, max-age=3600';

/** Documents in which clients look for the endpoints of an authorization server (RFC 8414, OpenID Connect Discovery). */
const DOCUMENTS = ['oauth-authorization-server', 'openid-configuration'];

const anyOrigin = cors({ origin: '*', methods: ['GET'], maxAge: 600 });

/**
 * Redirects clients that look for the authorization server's metadata at this origin, such as those of MCP 2025-03-26,
 * to the document of the issuer. A copy would be invalid: its `issuer` differs from the URL (RFC 8414 §3.3).
 *
 * Register it after all routes: an application may have documents of its own at these paths.
 */
export function redirectToAuthorizationServers(endpoints: readonly Endpoint[]): RequestHandler {
  const targets = targetsOf(endpoints);
  return (request, response, next) => {
    const target = targets.get(withoutSlash(request.path));
    if (target === undefined || !['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return next();
    // The rest of the chain runs only for a request that is no preflight.
    anyOrigin(request, response, () => response.setHeader('Cache-Control', CACHE_CONTROL).redirect(target));
  };
}

/** Returns the document of the issuer for each path at which a client may look for it. */
function targetsOf(endpoints: readonly Endpoint[]): Map<string, string> {
  const targets = new Map<string, string>();
  // An endpoint at the root comes last, because its document is at the root too.
  for (const endpoint of endpoints.toSorted((one, other) => depthOf(other) - depthOf(one))) {
    const { url, authorizationServerMetadataUrl: target } = endpoint.configuration.resource;
    for (const path of pathsOf(endpoint)) {
      // An application that is its own authorization server, but has no document, would redirect forever.
      const isOwn = target === `${new URL(url).origin}${path}`;
      if (target === undefined || isOwn) targets.delete(path);
      else targets.set(path, target);
    }
  }
  return targets;
}

/** Returns the paths at which clients look: at the root, before the path of the endpoint, and after it. */
function pathsOf({ name, configuration: { resource } }: Endpoint): string[] {
  const inserted = withoutSlash(new URL(resource.url).pathname);
  return DOCUMENTS.flatMap((document) => [
    ...(name === DEFAULT_ENDPOINT ? [`/.well-known/${document}`] : []),
    `/.well-known/${document}${inserted}`,
    `${withoutSlash(resource.path)}/.well-known/${document}`,
  ]);
}

const depthOf = ({ configuration }: Endpoint): number =>
  withoutSlash(new URL(configuration.resource.url).pathname).length;
