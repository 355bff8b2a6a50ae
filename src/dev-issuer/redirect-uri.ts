import { LOOPBACK_HOSTS } from '../config/loopback.js';

/** Printable ASCII: all that a URI may have (RFC 3986 §2). */
const URI_CHARACTERS = /^[\x21-\x7e]+$/;

/** Schemes that browsers and operating systems handle themselves, so that no application owns them. */
const SHARED_SCHEMES: readonly string[] = [
  'about:',
  'blob:',
  'chrome:',
  'content:',
  'data:',
  'file:',
  'filesystem:',
  'ftp:',
  'intent:',
  'javascript:',
  'resource:',
  'urn:',
  'vbscript:',
  'view-source:',
  'ws:',
  'wss:',
];

/** Kind of a redirect URI that a client may have. */
export type RedirectKind = 'https' | 'local-https' | 'loopback' | 'private-use';

/**
 * Returns the kind of a redirect URI, or undefined if no client may have it.
 *
 * - `https`, `local-https`: any https URL; on another machine, or on this one
 * - `loopback`: http on this machine, any port (RFC 8252 §7.3)
 * - `private-use`: a scheme of the application's own, such as `com.example.app:/callback` or `cursor://host/path`
 *   (RFC 8252 §7.1)
 *
 * Fragments (RFC 6749 §3.1.2) and user names are refused in each.
 */
export function redirectKind(redirectUri: unknown): RedirectKind | undefined {
  if (typeof redirectUri !== 'string' || !URI_CHARACTERS.test(redirectUri)) return undefined;
  const url = URL.parse(redirectUri);
  if (!url || redirectUri.includes('#') || url.username || url.password) return undefined;
  const isLocal = LOOPBACK_HOSTS.includes(url.hostname);
  if (url.protocol === 'https:') return isLocal ? 'local-https' : 'https';
  if (url.protocol === 'http:') return isLocal ? 'loopback' : undefined;
  return isPrivateUse(url) ? 'private-use' : undefined;
}

/** Without a dot in the scheme, a path must follow: `mailto:` and the like have none. */
function isPrivateUse({ protocol, pathname, host }: URL): boolean {
  if (SHARED_SCHEMES.includes(protocol)) return false;
  return protocol.includes('.') || host !== '' || pathname.startsWith('/');
}
