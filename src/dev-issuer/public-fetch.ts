import { get } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, publicLookup } from '../network/public-address.js';
import { responseOf } from '../values/response-of.js';

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
