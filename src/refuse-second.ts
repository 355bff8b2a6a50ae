import { ConfigurationError } from './config/configuration-error.js';
import type { Configuration } from './config/configuration.js';
import { runningServers } from './process/running-servers.js';

/**
 * Refuses to start a server with an embedded issuer a second time from the same folder with the same ports.
 *
 * @throws {ConfigurationError} that names the server that runs
 */
export async function refuseSecond({ devIssuer, http, stateDirectory }: Configuration): Promise<void> {
  if (!devIssuer) return;
  for (const { pid, port, issuerPort, url } of await runningServers(stateDirectory)) {
    const taken = port === http.port ? 'PORT' : issuerPort === devIssuer.port ? 'DEV_ISSUER_PORT' : undefined;
    if (taken === undefined) continue;
    throw new ConfigurationError([
      {
        variable: taken,
        problem: `is ${taken === 'PORT' ? port : issuerPort}, which the server of this folder uses that already runs: ${url} (process ${pid}).`,
        remedy: 'Use that server, or stop it. For a second one, set PORT and DEV_ISSUER_PORT to free ports.',
      },
    ]);
  }
}
