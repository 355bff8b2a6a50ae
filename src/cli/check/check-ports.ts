import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

import { ConfigurationError } from '../../config/configuration-error.js';
import type { Configuration } from '../../config/configuration.js';
import { type Address, listenProblem, type PortVariable } from '../../config/listen-problem.js';
import { systemErrorCode } from '../../values/system-error-code.js';
import { runningServers } from '../../process/running-servers.js';
import type { CheckFindings } from './check-findings.js';

/**
 * Checks the ports of the server by listening on all of them briefly. Ignores those of a server that runs from this
 * folder.
 */
export async function checkPorts(configuration: Configuration, isOffline: boolean): Promise<CheckFindings> {
  // Another instance of this server may use a port, and offline there is no name server.
  const doubtful = ['EADDRINUSE', ...(isOffline ? ['EAI_AGAIN'] : [])];
  const errors: Error[] = [];
  const warnings: string[] = [];
  const servers: Server[] = [];
  const ports: Partial<Record<PortVariable, number>> = {};
  try {
    for (const [variable, address] of await portsToCheck(configuration)) {
      const server = createServer();
      const failure = await failureToListen(server, address);
      if (failure === undefined) {
        servers.push(server);
        ports[variable] = address.port;
        continue;
      }
      const problem = listenProblem(failure, address, variable, ports);
      if (!problem) throw failure;
      const isOwn = Object.values(ports).includes(address.port);
      if (isOwn || !doubtful.includes(systemErrorCode(failure)))
        errors.push(new ConfigurationError([problem]));
      else warnings.push(`${problem.variable} ${problem.problem} ${problem.remedy}`);
    }
  } finally {
    await Promise.all(servers.map((server) => once(server.close(), 'close')));
  }
  return { errors, warnings };
}

async function portsToCheck({
  http,
  devIssuer,
  telemetry: { metrics },
  stateDirectory,
}: Configuration): Promise<[PortVariable, Address][]> {
  const own = new Set<number>();
  if (devIssuer) {
    for (const { port, issuerPort } of await runningServers(stateDirectory)) own.add(port).add(issuerPort);
  }
  const found: [PortVariable, Address][] = [];
  if (!own.has(http.port)) found.push(['PORT', http]);
  if (devIssuer && !own.has(devIssuer.port)) {
    found.push(['DEV_ISSUER_PORT', { host: '127.0.0.1', port: devIssuer.port }]);
  }
  // A server that runs from this folder may serve its metrics on this port.
  if (metrics && !own.has(http.port)) found.push(['METRICS_PORT', metrics]);
  return found;
}

async function failureToListen(server: Server, { host, port }: Address): Promise<unknown> {
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error;
  }
}
