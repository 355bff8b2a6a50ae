import { loopbackNamesOf } from '../values/loopback.js';
import { withoutSlash } from '../values/without-slash.js';

/** Protected resource that tokens are for (RFC 8707). */
export interface TargetResource {
  readonly id: string;
  readonly url: string;
  /** Returns the resource's scopes. Called for each request, because the application compiles its scopes at startup. */
  readonly scopes: () => readonly string[];
  /** Returns the titles of the tools that need a scope. */
  readonly usesOf: (scope: string) => readonly string[];
}

/**
 * Returns the audience URL for a resource indicator, or undefined if it names another resource.
 *
 * Accepts the resource's id, its URL and the URL's origin, the latter two with or without a trailing slash. A resource on
 * this machine is accepted under each loopback name, and the returned URL keeps the client's choice.
 */
export function resourceUrlFor(resource: TargetResource, indicator: string): string | undefined {
  if (indicator === resource.id) return resource.url;
  const named = withoutSlash(indicator);
  return loopbackNamesOf(resource.url).find(
    (url) => named === withoutSlash(url) || named === new URL(url).origin,
  );
}
