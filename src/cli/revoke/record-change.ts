import { userInfo } from 'node:os';

import type { RevocationChange } from '../../auth/revocation/revocations.js';
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
export async function recordChange(change: RevocationChange, configuration: Configuration): Promise<void> {
  if (!configuration.audit) return;
  const log = await createLog(configuration);
  const { startAuditTrail } = await import('../../audit/start-audit-trail.js');
  const trail = await startAuditTrail(configuration, log);
  trail.observer.onRevocation?.(change);
  await trail.close();
  await flushed(log);
}
