import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR('2000::/3');

/** Thrown instead of a connection to an address that is not public. */
export class NotPublicError extends Error {
  constructor() {
    super('The host has an address that is not public.');
  }
}

/**
 * Whether an address belongs to the public internet, and not to this machine, a private network, a cloud metadata service
 * or another special use. An IPv6 address that embeds an IPv4 address counts as that IPv4 address.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST_V6);
}

/** Names that only a private network or this machine knows. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|intranet|lan|svc|home\.arpa|cluster\.local)$/;

/** Whether a host is private by its name or address, without a lookup. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replaceAll(/^\[|\]$/g, '').toLowerCase();
  if (isIP(host) !== 0) return !isPublicAddress(host);
  return !host.includes('.') || PRIVATE_NAME.test(host);
}

/**
 * Creates a DNS lookup that returns only public addresses. The connection uses the checked address, so a name that later
 * resolves to another address (DNS rebinding) does not bypass the check.
 */
export function publicLookup(resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) callback(error ?? new Error('The host has no address.'), '', 0);
      else if (!addresses.every(({ address }) => isPublicAddress(address))) {
        callback(new NotPublicError(), '', 0);
      } else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
