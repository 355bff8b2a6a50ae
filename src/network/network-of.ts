import { normalizeIp } from '@nestjs/throttler';

/**
 * Returns what counts as one sender: an IPv4 address, or the /64 of an IPv6 address, the smallest network that a customer
 * gets.
 */
export const networkOf = (address: string): string =>
  address.includes(':') ? normalizeIp(address) : address;
