import { loopbackNamesOf } from '../config/loopback.js';
import { DEMO_MACHINE_CLIENT } from './machine-clients.js';
import { resourceUrlFor, type ProtectedResource } from './protected-resource.js';

/**
 * Translates an authorization request (RFC 6749 §4.1.1) from what Scalekit accepts into what `oidc-provider`
 * accepts.
 *
 * - No scope means all of the resource's. Where it has none, `openid` stands in: a grant must be for something.
 * - Every prompt but `none` becomes `consent`: the sign-in page always asks anew, and only with that value does
 *   OpenID Connect (Core §11) give the refresh token that Scalekit gives for `offline_access` alone.
 */
export function adaptAuthorizationRequest(
  query: URLSearchParams,
  resource: ProtectedResource,
): URLSearchParams {
  const adapted = new URLSearchParams(query);
  if (!adapted.get('scope')?.trim()) {
    const scopes = resource.scopes();
    adapted.set('scope', scopes.length > 0 ? scopes.join(' ') : 'openid');
  }
  if (!isSilent(adapted)) adapted.set('prompt', 'consent');
  unifyResourceIndicators(adapted, resource);
  return adapted;
}

/** Whether an authorization request forbids showing a page (OpenID Connect Core §3.1.2.1). */
export function isSilent(query: URLSearchParams): boolean {
  return query.get('prompt')?.split(' ').includes('none') ?? false;
}

/**
 * The same for a token request (RFC 6749 §3.2).
 *
 * - A machine client that names no scope gets its configured ones.
 * - A code or a refresh token is for the resource that was granted, by whichever of its names.
 */
export function adaptTokenRequest(body: URLSearchParams, resource: ProtectedResource): URLSearchParams {
  const adapted = new URLSearchParams(body);
  unifyResourceIndicators(adapted, resource);
  if (adapted.get('grant_type') !== 'client_credentials') {
    for (const url of loopbackNamesOf(resource.url)) adapted.delete('resource', url);
  } else if (!adapted.get('scope')?.trim()) {
    adapted.set('scope', DEMO_MACHINE_CLIENT.scopes.join(' '));
  }
  return adapted;
}

/** `oidc-provider` compares the indicators of one flow as strings and takes only URLs, so they all become one. */
function unifyResourceIndicators(parameters: URLSearchParams, resource: ProtectedResource): void {
  const indicators = parameters.getAll('resource');
  const own = indicators.map((indicator) => resourceUrlFor(resource, indicator)).find(Boolean);
  const foreign = indicators.filter((indicator) => !resourceUrlFor(resource, indicator));
  parameters.delete('resource');
  for (const indicator of [...(own ? [own] : []), ...foreign]) parameters.append('resource', indicator);
}
