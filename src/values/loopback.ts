/** Loopback host names, in the format of `URL.hostname`. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Scheme and host of a URL. */
const SCHEME_AND_HOST = /^(https?:\/\/)(\[[^\]]*\]|[^/:?#]+)/i;

/** Returns a loopback URL under each loopback name, starting with its own name. Returns other URLs unchanged. */
export function loopbackNamesOf(url: string): readonly string[] {
  if (!LOOPBACK_HOSTS.includes(new URL(url).hostname)) return [url];
  return [...new Set([url, ...LOOPBACK_HOSTS.map((name) => url.replace(SCHEME_AND_HOST, `$1${name}`))])];
}

/**
 * Replaces the host of a loopback URL with the loopback name that a request was sent to.
 *
 * @param host Host header of the request; if it names another machine or port, the URL is returned unchanged
 */
export function underLoopbackName(url: string, host: string | undefined): string {
  const asked = host === undefined ? null : URL.parse(`${new URL(url).protocol}//${host}`)?.origin;
  return loopbackNamesOf(url).find((name) => new URL(name).origin === asked) ?? url;
}
