import { type AuditEvent, type AuditRecord, tellsMissed } from './audit-record.js';

/** OCSF classes: API Activity for what reached a tool, Authentication for tokens (OCSF 1.6). */
const API_ACTIVITY = 6003;
const AUTHENTICATION = 3002;
const OTHER_ACTIVITY = 99;
const LOGON = 1;
const READ = 2;
/** Severities. A trail with missing records needs a person, as its level ERROR says over OTLP. */
const INFORMATIONAL = 1;
const LOW = 2;
const HIGH = 4;
/** Type of a user of whom nothing is known. */
const UNKNOWN = 0;

/** Categories of ECS by event; others are `api`. */
const CATEGORIES: ReadonlyMap<AuditEvent, string> = new Map<AuditEvent, string>([
  ['token.issued', 'authentication'],
  ['token.refused', 'authentication'],
  ['token.accepted', 'authentication'],
  ['token.rejected', 'authentication'],
  ['config.loaded', 'configuration'],
  ['policy.loaded', 'configuration'],
  ['policy.changed', 'configuration'],
  ['revocation.added', 'iam'],
  ['revocation.removed', 'iam'],
]);

const targetOf = ({ tool, resource, prompt }: AuditRecord): string | undefined => tool ?? resource ?? prompt;

/** Converts a record to the Elastic Common Schema (ECS 8). */
export function toEcs(record: AuditRecord): object {
  const { time, event, outcome, reason, durationMs, hash } = record;
  return {
    '@timestamp': time,
    ecs: { version: '8.17.0' },
    event: {
      kind: 'event',
      category: [CATEGORIES.get(event) ?? 'api'],
      type: [typeOf(record)],
      action: event,
      outcome: outcome === 'success' ? 'success' : 'failure',
      reason,
      duration: durationMs === undefined ? undefined : Math.round(durationMs * 1e6),
      hash,
    },
    user: { id: record.subject, name: record.actor },
    organization: { id: record.organization },
    source: { ip: record.address },
    service: { name: 'aerie', node: { name: record.instance } },
    trace: { id: record.traceId },
    http: { request: { id: record.requestId }, response: { status_code: record.status } },
    aerie: record,
  };
}

/** Returns the type, which must be one of the category. A refused authentication is a start whose outcome is a failure. */
function typeOf({ event, outcome }: AuditRecord): string {
  const category = CATEGORIES.get(event);
  if (category === 'authentication') return 'start';
  if (outcome === 'denied') return 'denied';
  return category === undefined ? 'allowed' : 'change';
}

function severityOf(record: AuditRecord): number {
  if (tellsMissed(record)) return HIGH;
  return record.outcome === 'denied' ? LOW : INFORMATIONAL;
}

/** Converts a record to OCSF 1.6. */
export function toOcsf(record: AuditRecord): object {
  const { time, event, outcome, reason } = record;
  const isToken = CATEGORIES.get(event) === 'authentication';
  const classUid = isToken ? AUTHENTICATION : API_ACTIVITY;
  const activity = isToken ? LOGON : event === 'resource.read' ? READ : OTHER_ACTIVITY;
  const { subject, organization, client, instance } = record;
  const org = organization === undefined ? undefined : { uid: organization };
  // The schema wants a name or an id of each user. A stranger has neither.
  const user = subject === undefined ? { name: 'unknown', type_id: UNKNOWN, org } : { uid: subject, org };
  return {
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1_000),
    activity_id: activity,
    activity_name: activity === OTHER_ACTIVITY ? event : undefined,
    type_uid: classUid * 100 + activity,
    severity_id: severityOf(record),
    time: Date.parse(time),
    status_id: outcome === 'success' ? 1 : 2,
    status_detail: reason,
    duration: record.durationMs === undefined ? undefined : Math.round(record.durationMs),
    user: isToken ? user : undefined,
    service: isToken ? { name: 'Aerie', uid: instance } : undefined,
    actor: { user, app_uid: client },
    api: { operation: targetOf(record) ?? event, request: { uid: record.requestId } },
    // Events of the server itself have no address.
    src_endpoint: record.address === undefined ? { name: instance } : { ip: record.address },
    metadata: {
      version: '1.6.0',
      product: { name: 'Aerie', vendor_name: 'Aerie' },
      tenant_uid: organization,
      uid: record.hash,
      correlation_uid: record.traceId,
    },
    unmapped: { aerie: record },
  };
}
