import type { Configuration } from '../../config/configuration.js';
import { LOOPBACK_HOSTS } from '../../values/loopback.js';

const WEB_SCHEMES = ['http:', 'https:'];

/** Whether the name in the Host header is allowed. Ignores the port. */
export function isAllowedHost(host: string | undefined, edge: Configuration['edge']): boolean {
  const name = host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname;
  return name !== undefined && edge.allowedHosts.includes(name);
}

/**
 * Whether an origin may call the endpoint. Clients other than browsers send no Origin and are allowed. Files,
 * extensions and sandboxed pages are rejected, because their origin identifies nobody.
 */
export function isAllowedOrigin(origin: string | undefined, edge: Configuration['edge']): boolean {
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  if (url?.origin !== origin || !WEB_SCHEMES.includes(url.protocol)) return false;
  if (edge.allowedOrigins.includes('*') || edge.allowedOrigins.includes(origin)) return true;
  return edge.allowLoopback && LOOPBACK_HOSTS.includes(url.hostname);
}
