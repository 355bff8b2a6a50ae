const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1)(:\d+)?$/i;

/**
 * Whether a Host header names this machine. Anything else reached loopback under a foreign name, which is how DNS
 * rebinding lets a web page talk to local servers.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK_HOST.test(host);
}
