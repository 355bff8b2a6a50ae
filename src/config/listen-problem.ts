import { systemErrorCode } from '../values/system-error-code.js';
import type { ConfigurationProblem } from './configuration-error.js';

/** Address on which a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Variable that sets a port of this process. */
export type PortVariable = 'PORT' | 'DEV_ISSUER_PORT' | 'METRICS_PORT';

const HOST_REMEDY = 'Use an address of this machine, such as 127.0.0.1 or 0.0.0.0.';

/**
 * Explains why the server cannot listen.
 *
 * @param portVariable variable that sets the port
 * @param ownPorts ports on which this process listens already, by their variables
 * @returns undefined if the settings did not cause the error
 */
export function listenProblem(
  error: unknown,
  { host, port }: Address,
  portVariable: PortVariable = 'PORT',
  ownPorts: Partial<Record<PortVariable, number | undefined>> = {},
): ConfigurationProblem | undefined {
  const hostVariable = portVariable === 'METRICS_PORT' ? 'METRICS_HOST' : 'HOST';
  const code = systemErrorCode(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        variable: hostVariable,
        problem: `"${host}" cannot be resolved to an address (${code}).`,
        remedy: HOST_REMEDY,
      };
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return {
        variable: hostVariable,
        problem: `"${host}" is not an address of this machine.`,
        remedy: HOST_REMEDY,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        variable: portVariable,
        problem: `is ${port}, but the user that runs Aerie is not allowed to listen on it (${code}).`,
        remedy: 'Use a port above 1023, or allow the process to use it (CAP_NET_BIND_SERVICE).',
      };
    case 'EADDRINUSE':
      return inUseProblem({ host, port }, portVariable, ownPorts);
    default:
      return undefined;
  }
}

function inUseProblem(
  { host, port }: Address,
  variable: PortVariable,
  ownPorts: Partial<Record<PortVariable, number | undefined>>,
): ConfigurationProblem {
  const same = Object.entries(ownPorts).find(([, own]) => own === port)?.[0];
  return same === undefined
    ? {
        variable,
        problem: `is ${port}, which another program uses on ${host}.`,
        remedy: `Stop that program, or set ${variable} to a free port.`,
      }
    : { variable, problem: `is ${port}, the same as ${same}.`, remedy: 'Choose two different ports.' };
}
