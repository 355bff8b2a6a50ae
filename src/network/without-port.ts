/** Brackets around an IPv6 address, and a port after them or after an IPv4 address. */
const WITH_PORT = /^(?:\[([0-9a-f:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::\d{1,5})?$/i;

/**
 * Returns an address without its port, which some proxies write into `X-Forwarded-For`. With it, each connection would
 * count as another sender.
 */
export function withoutPort(address: string): string {
  const [, v6, v4] = WITH_PORT.exec(address) ?? [];
  return v6 ?? v4 ?? address;
}
