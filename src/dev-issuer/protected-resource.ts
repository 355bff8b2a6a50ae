/** The protected resource that tokens are for (RFC 8707). */
export interface ProtectedResource {
  readonly id: string;
  readonly url: string;
  /** Asked on each request, because the application compiles its scopes while it starts. */
  readonly scopes: () => readonly string[];
}

/** Whether a resource indicator means this resource: its URL with or without trailing slash, or its id. */
export function isIndicatorOf(resource: ProtectedResource, indicator: string): boolean {
  return indicator === resource.id || withoutSlash(indicator) === withoutSlash(resource.url);
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}
