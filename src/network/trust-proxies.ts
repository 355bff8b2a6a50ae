import type { Express } from 'express';

import { withoutPort } from './without-port.js';

/** Makes Express trust proxies for the whole application, unless the application has chosen its own. */
export function trustProxies(express: Express, proxies: readonly string[]): void {
  if (proxies.length === 0 || express.get('trust proxy') !== false) return;
  express.set('trust proxy', proxies);
  const isTrusted: (address: string | undefined, hop: number) => boolean = express.get('trust proxy fn');
  // Express trusts no address with a port, so the proxy itself would count as the client.
  express.set('trust proxy fn', (address: string | undefined, hop: number) =>
    isTrusted(address && withoutPort(address), hop),
  );
}
