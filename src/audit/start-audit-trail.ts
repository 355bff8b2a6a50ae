import type { Configuration } from '../config/configuration.js';
import { ConfigurationError } from '../config/configuration-error.js';
import type { LineLog } from '../logging/line-log.js';
import { nestLines } from '../logging/nest-lines.js';
import { type Audit, startAudit } from './start-audit.js';

/**
 * Starts the audit trail that a configuration asks for. Pass its `observer` to the module, and close it last.
 *
 * @param log destination of `AUDIT=stdout` and of problems of the sinks; default NestJS's `Logger`
 * @param isLogOfCalls whether `log` is also the log of calls, at a level that shows records. Then records replace the lines
 *   of calls that succeed. Default false
 * @throws {ConfigurationError} when the configuration asks for no audit trail
 */
export async function startAuditTrail(
  { audit, sessions }: Pick<Configuration, 'audit' | 'sessions'>,
  log: LineLog = nestLines(),
  isLogOfCalls = false,
): Promise<Audit> {
  if (!audit) {
    throw new ConfigurationError([
      { variable: 'AUDIT', problem: 'is not set.', remedy: 'Set AUDIT, such as to file:refuse.' },
    ]);
  }
  return startAudit(audit, `${sessions.instance}:${process.pid}`, log, isLogOfCalls);
}
