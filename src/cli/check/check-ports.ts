import { once } from 'node:events';
import { createServer } from 'node:net';

import { ConfigurationError } from '../../config/configuration-error.js';
import type { Configuration } from '../../config/configuration.js';
import { type Address, listenProblem } from '../../config/listen-problem.js';
import { systemErrorCode } from '../../files/system-error-code.js';
import { runningServers } from '../../process/running-servers.js';
import type { CheckFindings } from './check-findings.js';

/** Checks the ports of the server by listening on them briefly. Ignores those of a server that runs from this folder. */
export async function checkPorts(
  { http, devIssuer, stateDirectory }: Configuration,
  isOffline: boolean,
): Promise<CheckFindings> {
  // Another instance of this server may use a port, and offline there is no name server.
  const doubtful = ['EADDRINUSE', ...(isOffline ? ['EAI_AGAIN'] : [])];
  const own = new Set<number>();
  const all: CheckFindings[] = [];
  if (devIssuer) {
    for (const { port, issuerPort } of await runningServers(stateDirectory)) own.add(port).add(issuerPort);
    const address = { host: '127.0.0.1', port: devIssuer.port };
    if (!own.has(devIssuer.port)) all.push(await checkPort(address, 'DEV_ISSUER_PORT', doubtful));
  }
  if (!own.has(http.port)) all.unshift(await checkPort(http, 'PORT', doubtful));
  return {
    errors: all.flatMap(({ errors }) => errors),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}

async function checkPort(
  { host, port }: Address,
  variable: 'PORT' | 'DEV_ISSUER_PORT',
  doubtful: readonly string[],
): Promise<CheckFindings> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return { errors: [], warnings: [] };
  } catch (error) {
    const problem = listenProblem(error, { host, port }, variable);
    if (!problem) throw error;
    if (!doubtful.includes(systemErrorCode(error))) {
      return { errors: [new ConfigurationError([problem])], warnings: [] };
    }
    return { errors: [], warnings: [`${problem.variable} ${problem.problem} ${problem.remedy}`] };
  }
}
