import { systemErrorCode } from '../files/system-error-code.js';
import type { ConfigurationProblem } from './configuration-error.js';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const HOST_REMEDY = 'Use an address of this machine, such as 127.0.0.1 or 0.0.0.0.';

/**
 * Explains why the server cannot listen.
 *
 * @param portVariable the variable that the port comes from
 * @returns undefined where the settings are not the reason
 */
export function listenProblem(
  error: unknown,
  { host, port }: Address,
  portVariable: 'PORT' | 'DEV_ISSUER_PORT' = 'PORT',
): ConfigurationProblem | undefined {
  const code = systemErrorCode(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        variable: 'HOST',
        problem: `"${host}" is a name without an address (${code}).`,
        remedy: HOST_REMEDY,
      };
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return {
        variable: 'HOST',
        problem: `"${host}" is not an address of this machine.`,
        remedy: HOST_REMEDY,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        variable: portVariable,
        problem: `is ${port}, which the user Aerie runs as may not listen on (${code}).`,
        remedy: 'Use a port above 1023, or allow the process to use it (CAP_NET_BIND_SERVICE).',
      };
    case 'EADDRINUSE':
      return {
        variable: portVariable,
        problem: `is ${port}, which another program uses on ${host}.`,
        remedy: `Stop that program, or set ${portVariable} to a free port.`,
      };
    default:
      return undefined;
  }
}
