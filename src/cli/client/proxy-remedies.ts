import { proxyWarnings } from '../../config/setting-warnings.js';
import { LOOPBACK_HOSTS } from '../../values/loopback.js';

/** Returns what to do about a proxy that Node.js does not use, if a URL that cannot be reached may be behind it. */
export const proxyRemedies = ({ protocol, hostname }: URL, variables: NodeJS.ProcessEnv): string[] =>
  protocol === 'https:' && !LOOPBACK_HOSTS.includes(hostname) ? proxyWarnings(variables) : [];
