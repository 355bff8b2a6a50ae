import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { isPublicAddress, publicLookup } from '../network/public-address.js';

/** Statuses of responses without a body (Fetch standard, "null body status"). */
const WITHOUT_BODY = [204, 205, 304];

export interface PublicFetchOptions {
  /** Allows addresses on this machine and in private networks; only for tests. */
  readonly allowPrivateAddresses: boolean;
}

/**
 * Creates a `fetch` for URLs from clients: HTTPS only, public addresses only, no redirects.
 *
 * Node's own `fetch` cannot check an address before it connects.
 */
export function publicFetch({ allowPrivateAddresses }: PublicFetchOptions): typeof fetch {
  const lookup = allowPrivateAddresses ? undefined : publicLookup();
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // Node does not call lookup for an IP address.
    if (!allowPrivateAddresses && isIP(host) !== 0 && !isPublicAddress(host)) {
      throw new TypeError('The address is not public.');
    }
    return getOnce(url, init, lookup);
  };
}

function getOnce(url: URL, init: RequestInit = {}, lookup: LookupFunction | undefined): Promise<Response> {
  const options = {
    agent: false, // no keep-alive
    headers: Object.fromEntries(new Headers(init.headers)),
    ...(init.signal && { signal: init.signal }),
    ...(lookup && { lookup }),
  };
  return new Promise((resolve, reject) => {
    const request = get(url, options, (incoming) => {
      try {
        resolve(responseOf(incoming));
      } catch (error) {
        request.destroy();
        reject(error);
      }
    });
    request.on('error', reject);
  });
}

function responseOf(incoming: IncomingMessage): Response {
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const { statusCode: status = 0 } = incoming;
  if (!WITHOUT_BODY.includes(status)) return new Response(Readable.toWeb(incoming), { status, headers });
  incoming.resume();
  return new Response(null, { status, headers });
}
