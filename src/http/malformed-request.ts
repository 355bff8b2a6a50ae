import type { IncomingMessage } from 'node:http';

import { countHeader } from '../values/count-header.js';

/** Host name, IPv4 address or bracketed IPv6 address, with an optional port (RFC 9110 §7.2): no user, no path. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/** Scheme and authority of a request target in absolute form. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)/i;

/** Returns the path of a request target. Query and authority may contain secrets, which must not be logged. */
export function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^[^/?#]*:\/\/[^/?#]*/, '');
  const end = path.search(/[?#]/);
  return (end < 0 ? path : path.slice(0, end)) || '/';
}

/**
 * Returns why a request is malformed and must not reach a route; undefined for a valid request. The texts are constant,
 * so that invalid input never gets into responses or logs.
 */
export function malformedRequest({
  headers,
  rawHeaders,
  url,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url'>): string | undefined {
  // A proxy may use a different Host header than Node (RFC 9112 §3.2).
  if (countHeader(rawHeaders, 'host') > 1) return 'The request has more than one Host header.';
  if (headers.host !== undefined && !HOST.test(headers.host)) return 'The Host header is invalid.';
  if (url !== undefined && !isForHost(url, headers.host)) {
    return 'The request target does not match the Host header.';
  }
  if (url?.includes('%') && !isDecodable(url)) return 'The path has invalid percent-encoding.';
  return undefined;
}

/** Whether a target in absolute form matches the Host header (RFC 9112 §3.2.2). A proxy uses only the target. */
function isForHost(url: string, host: string | undefined): boolean {
  if (url.startsWith('/') || url === '*') return true;
  const authority = ABSOLUTE_FORM.exec(url)?.[1];
  return authority !== undefined && authority.toLowerCase() === host?.toLowerCase();
}

function isDecodable(url: string): boolean {
  const end = url.indexOf('?');
  try {
    decodeURIComponent(end < 0 ? url : url.slice(0, end));
    return true;
  } catch {
    return false;
  }
}
