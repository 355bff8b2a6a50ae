import { userInfo } from 'node:os';

import type { AuditEvent } from '../../audit/audit-record.js';
import { selectorFields } from '../../audit/selector-fields.js';
import type { Selector } from '../../auth/revocation/revocation.js';
import type { Configuration } from '../../config/configuration.js';
import { createLog, flushed } from '../../logging/log.js';

/** Name of the user that runs the command, or its number in a container without names. */
export function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/**
 * Records a change in the audit trail of this configuration, if it has one. The change stays in force if it cannot be
 * recorded. The log then says why.
 */
export async function recordChange(
  event: Extract<AuditEvent, 'revocation.added' | 'revocation.removed'>,
  selector: Selector,
  actor: string,
  configuration: Configuration,
): Promise<void> {
  if (!configuration.audit) return;
  const log = await createLog(configuration);
  const { startAuditTrail } = await import('../../audit/start-audit-trail.js');
  const trail = await startAuditTrail(configuration, log);
  trail.record({ event, outcome: 'success', actor, ...selectorFields(selector) });
  await trail.close();
  await flushed(log);
}
