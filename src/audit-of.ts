import type { Audit } from './audit/start-audit.js';
import type { Configuration } from './config/configuration.js';
import type { LineLog } from './logging/line-log.js';

/** Starts the audit trail of this process if it is configured. Otherwise, nothing of it is loaded. */
export async function auditOf(
  { audit, sessions }: Pick<Configuration, 'audit' | 'sessions'>,
  log: LineLog,
): Promise<Audit | undefined> {
  if (!audit) return undefined;
  const { startAudit } = await import('./audit/start-audit.js');
  return startAudit(audit, `${sessions.instance}:${process.pid}`, log);
}
