/** The names of this machine, as a URL's `hostname` has them. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Scheme and host of a URL. */
const SCHEME_AND_HOST = /^(https?:\/\/)(\[[^\]]*\]|[^/:?#]+)/i;

/** Returns a URL on this machine under each of the machine's names, starting with its own; any other URL alone. */
export function loopbackNamesOf(url: string): readonly string[] {
  if (!LOOPBACK_HOSTS.includes(new URL(url).hostname)) return [url];
  return [...new Set([url, ...LOOPBACK_HOSTS.map((name) => url.replace(SCHEME_AND_HOST, `$1${name}`))])];
}

/**
 * Returns a URL on this machine under the name that a request was sent to.
 *
 * @param host the request's Host header; if it names another machine or port, the URL stays as it is
 */
export function underLoopbackName(url: string, host: string | undefined): string {
  const asked = host === undefined ? null : URL.parse(`${new URL(url).protocol}//${host}`)?.origin;
  return loopbackNamesOf(url).find((name) => new URL(name).origin === asked) ?? url;
}
