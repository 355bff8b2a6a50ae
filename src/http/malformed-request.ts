import type { IncomingMessage } from 'node:http';

/** A host name, IPv4 address or bracketed IPv6 address, with an optional port (RFC 9110 §7.2): no user, no path. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/** The scheme and authority of a target in absolute form. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)/i;

/** The path of a request target: without the query and the authority, where clients put what must not be logged. */
export function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^[^/?#]*:\/\/[^/?#]*/, '');
  const end = path.search(/[?#]/);
  return (end < 0 ? path : path.slice(0, end)) || '/';
}

/**
 * What is wrong with a request that no route should see; undefined when nothing is. Fixed words: clients and logs
 * must not get back what cannot be read.
 */
export function malformedRequest({
  headers,
  rawHeaders,
  url,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url'>): string | undefined {
  // A proxy may read the other one of two (RFC 9112 §3.2).
  if (countHosts(rawHeaders) > 1) return 'The request has more than one Host header.';
  if (headers.host !== undefined && !HOST.test(headers.host)) return 'The Host header is not a host name.';
  if (url !== undefined && !isForHost(url, headers.host)) {
    return 'The request target names another host than the Host header.';
  }
  if (url?.includes('%') && !isDecodable(url)) return 'The path is not valid percent-encoding.';
  return undefined;
}

/** Whether a target in absolute form names the same host (RFC 9112 §3.2.2). A proxy goes by the target alone. */
function isForHost(url: string, host: string | undefined): boolean {
  if (url.startsWith('/') || url === '*') return true;
  const authority = ABSOLUTE_FORM.exec(url)?.[1];
  return authority !== undefined && authority.toLowerCase() === host?.toLowerCase();
}

/** Node keeps only the first of several; the raw list has them all, each before its value. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
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
