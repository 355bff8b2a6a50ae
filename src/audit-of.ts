import type { INestApplicationContext } from '@nestjs/common';

import type { AuditFields } from './audit/audit-record.js';
import type { Audit } from './audit/start-audit.js';
import type { Configuration } from './config/configuration.js';
import { configurationDigest } from './config/configuration-digest.js';
import type { Texts } from './config/read-variables.js';
import type { Reloads } from './config/reloads.js';
import type { LineLog } from './logging/line-log.js';
import { ToolPolicyService } from './mcp/policy/tool-policy.service.js';
import type { ReloadListener } from './reload.js';
import { providerOf } from './routes/provider-of.js';
import { VERSION } from './version.js';

/** Starts the audit trail of this process if it is configured. Otherwise, nothing of it is loaded. */
export async function auditOf(
  configuration: Pick<Configuration, 'audit' | 'sessions'>,
  log: LineLog,
): Promise<Audit | undefined> {
  if (!configuration.audit) return undefined;
  const { startAuditTrail } = await import('./audit/start-audit-trail.js');
  return startAuditTrail(configuration, log, true);
}

/**
 * Records with which configuration an application runs, and each change of its tool policy.
 *
 * @param texts texts of the variables that are in force
 */
export function recordChanges(
  application: INestApplicationContext,
  { record }: Pick<Audit, 'record'>,
  texts: Texts,
): void {
  record(loadedRecord('success', texts));
  const policy = providerOf(application, ToolPolicyService);
  if (policy.digest !== undefined) {
    record({ event: 'policy.loaded', outcome: 'success', digest: policy.digest });
  }
  policy.onChange(() => record({ event: 'policy.changed', outcome: 'success', digest: policy.digest }));
  policy.onRefusal(() => record({ event: 'policy.changed', outcome: 'failure', digest: policy.digest }));
}

/** Lets the audit trail adopt changed credentials of its sinks. */
export function reloadAudit(reloads: Reloads, { adopt }: Pick<Audit, 'adopt'>): void {
  reloads.on(['AUDIT_WEBHOOK_SECRET', 'AUDIT_DATABASE_URL'], ({ audit }) => {
    if (audit) adopt(audit);
    return audit !== undefined;
  });
}

/** Returns a listener that records each changed configuration, and whether it is in force. */
export const recordReloads =
  ({ record }: Pick<Audit, 'record'>): ReloadListener =>
  (outcome, variables) =>
    record(loadedRecord(outcome, variables));

const loadedRecord = (
  outcome: 'success' | 'failure',
  variables: NodeJS.ProcessEnv | undefined,
): AuditFields => ({
  event: 'config.loaded',
  outcome,
  version: VERSION,
  digest: variables && configurationDigest(variables),
});
