import type { AuthMode } from './auth-modes.js';
import type { ConfigurationProblem } from './configuration-error.js';
import type { Environment } from './environment.js';

const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];
const LOOPBACK_ADDRESS = '127.0.0.1';

/** Finds equal ports. Only the metrics may have the port of another server, on another address. */
export function portProblems(
  { NODE_ENV, HOST, PORT, DEV_ISSUER_PORT, METRICS_HOST, METRICS_PORT }: Environment,
  authModes: readonly AuthMode[],
): ConfigurationProblem[] {
  const hasIssuer = authModes.includes('dev');
  const host = HOST ?? (NODE_ENV === 'production' ? '0.0.0.0' : LOOPBACK_ADDRESS);
  const meetMetrics = (other: string): boolean =>
    other === METRICS_HOST || [other, METRICS_HOST].some((one) => WILDCARDS.includes(one));
  const equal = [
    {
      variable: 'DEV_ISSUER_PORT',
      port: DEV_ISSUER_PORT,
      other: 'PORT',
      isEqual: hasIssuer && DEV_ISSUER_PORT === PORT,
    },
    {
      variable: 'METRICS_PORT',
      port: METRICS_PORT,
      other: 'PORT',
      isEqual: METRICS_PORT === PORT && meetMetrics(host),
    },
    {
      variable: 'METRICS_PORT',
      port: METRICS_PORT,
      other: 'DEV_ISSUER_PORT',
      isEqual: hasIssuer && METRICS_PORT === DEV_ISSUER_PORT && meetMetrics(LOOPBACK_ADDRESS),
    },
  ].filter(({ isEqual }) => isEqual);
  return equal.map(({ variable, port, other }) => ({
    variable,
    problem: `is ${port}, the same as ${other}.`,
    remedy: 'Choose two different ports.',
  }));
}
