import { ConfigurationError } from './config/configuration-error.js';
import type { Configuration } from './config/configuration.js';
import { runningServers } from './process/running-servers.js';

/** Adds the server that already runs with the same state directory to an error about a port that it uses. */
export async function withRunningServer(
  failure: unknown,
  { devIssuer, http, stateDirectory }: Configuration,
): Promise<unknown> {
  if (!(failure instanceof ConfigurationError) || !devIssuer) return failure;
  const variables = new Set(failure.problems.map(({ variable }) => variable));
  const running = await runningServers(stateDirectory).catch(() => []);
  const own = running.find(
    ({ port, issuerPort }) =>
      (variables.has('PORT') && port === http.port) ||
      (variables.has('DEV_ISSUER_PORT') && issuerPort === devIssuer.port),
  );
  if (!own) return failure;
  const note = `Your server already runs: ${own.url} (process ${own.pid}).`;
  return new ConfigurationError(failure.problems, [...failure.warnings, note]);
}
