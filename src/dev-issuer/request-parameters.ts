import { loopbackNamesOf } from '../values/loopback.js';
import { DEMO_MACHINE_CLIENT } from './machine-clients.js';
import { resourceUrlFor, type TargetResource } from './target-resource.js';

/**
 * Translates an authorization request (RFC 6749 §4.1.1) from Scalekit's form to `oidc-provider`'s.
 *
 * - A missing scope means all scopes of the resource, or `openid` if the resource has none: a grant needs a scope.
 * - Every prompt except `none` becomes `consent`: the sign-in page always asks. Also, OpenID Connect (Core §11) issues
 *   refresh tokens for `offline_access` only with `consent`, while Scalekit does not require it.
 */
export function adaptAuthorizationRequest(query: URLSearchParams, resource: TargetResource): URLSearchParams {
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
 * Translates a token request (RFC 6749 §3.2) from Scalekit's form to `oidc-provider`'s.
 *
 * - A machine client without a scope parameter gets its configured scopes.
 * - A code or a refresh token is for the granted resource. The request may use any of the resource's names.
 */
export function adaptTokenRequest(body: URLSearchParams, resource: TargetResource): URLSearchParams {
  const adapted = new URLSearchParams(body);
  unifyResourceIndicators(adapted, resource);
  if (adapted.get('grant_type') !== 'client_credentials') {
    for (const url of loopbackNamesOf(resource.url)) adapted.delete('resource', url);
  } else if (!adapted.get('scope')?.trim()) {
    adapted.set('scope', DEMO_MACHINE_CLIENT.scopes.join(' '));
  }
  return adapted;
}

/** Replaces all names of the resource by one URL: `oidc-provider` compares indicators as strings and accepts only URLs. */
function unifyResourceIndicators(parameters: URLSearchParams, resource: TargetResource): void {
  const indicators = parameters.getAll('resource');
  const own = indicators.map((indicator) => resourceUrlFor(resource, indicator)).find(Boolean);
  const foreign = indicators.filter((indicator) => !resourceUrlFor(resource, indicator));
  parameters.delete('resource');
  for (const indicator of [...(own ? [own] : []), ...foreign]) parameters.append('resource', indicator);
}
