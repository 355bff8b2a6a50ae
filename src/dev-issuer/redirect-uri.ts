import { LOOPBACK_HOSTS } from '../values/loopback.js';

/** Printable ASCII, the only characters of a URI (RFC 3986 §2). */
const URI_CHARACTERS = /^[\x21-\x7e]+$/;

/**
 * Private-use schemes of MCP clients without a dot, although RFC 8252 §7.1 requires one. Any other scheme without a dot
 * may belong to the operating system, such as `smb:` or `ms-settings:`.
 */
const CLIENT_SCHEMES: readonly string[] = [
  'claude:',
  'cursor:',
  'goose:',
  'jetbrains:',
  'kiro:',
  'raycast:',
  'trae:',
  'vscode:',
  'vscode-insiders:',
  'vscodium:',
  'warp:',
  'windsurf:',
  'zed:',
];

/** Kind of an allowed redirect URI. */
export type RedirectKind = 'https' | 'local-https' | 'loopback' | 'private-use';

/**
 * Returns the kind of a redirect URI, or undefined if it is not allowed.
 *
 * - `https`, `local-https`: any https URL on another machine, or on this machine
 * - `loopback`: http on this machine with any port (RFC 8252 §7.3)
 * - `private-use`: the application's own scheme, such as `com.example.app:/callback` or `cursor://host/path`
 *   (RFC 8252 §7.1)
 *
 * Fragments (RFC 6749 §3.1.2) and user names are never allowed.
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

/** Whether a scheme belongs to an application. A scheme with a dot is the application's reversed domain name. */
function isPrivateUse({ protocol, pathname, host }: URL): boolean {
  if (protocol.includes('.')) return true;
  return CLIENT_SCHEMES.includes(protocol) && (host !== '' || pathname.startsWith('/'));
}
