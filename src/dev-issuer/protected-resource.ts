import { loopbackNamesOf } from '../config/loopback.js';

/** The protected resource that tokens are for (RFC 8707). */
export interface ProtectedResource {
  readonly id: string;
  readonly url: string;
  /** Asked on each request, because the application compiles its scopes while it starts. */
  readonly scopes: () => readonly string[];
}

/**
 * Returns the URL that tokens are for if a client names the resource by this indicator; undefined for another
 * resource. A resource is known by its id, its URL and the origin of that, each with or without trailing slash. One
 * on this machine is known under each of the machine's names, and keeps the one that the client chose.
 */
export function resourceUrlFor(resource: ProtectedResource, indicator: string): string | undefined {
  if (indicator === resource.id) return resource.url;
  const named = withoutSlash(indicator);
  return loopbackNamesOf(resource.url).find(
    (url) => named === withoutSlash(url) || named === new URL(url).origin,
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}
