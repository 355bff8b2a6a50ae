import type { Configuration } from '../../config/configuration.js';
import { LOOPBACK_HOSTS } from '../../config/loopback.js';

/** Whether the endpoint answers under the name in the Host header; the port does not matter. */
export function isAllowedHost(host: string | undefined, edge: Configuration['edge']): boolean {
  const name = host === undefined ? undefined : parse(`http://${host}`)?.hostname;
  return name !== undefined && edge.allowedHosts.includes(name);
}

/** Whether a page of this origin may call the endpoint. What is no browser sends no Origin, and may. */
export function isAllowedOrigin(origin: string | undefined, edge: Configuration['edge']): boolean {
  if (origin === undefined) return true;
  if (edge.allowedOrigins.includes('*') || edge.allowedOrigins.includes(origin)) return true;
  const name = parse(origin)?.hostname;
  return edge.allowLoopback && name !== undefined && LOOPBACK_HOSTS.includes(name);
}

const parse = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
