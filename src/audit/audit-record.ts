/** Version of the schema of records. It changes when the meaning of a field does. */
export const AUDIT_VERSION = 1;

/** Events, by what was allowed or denied. */
export const AUDIT_EVENTS = [
  'tool.call',
  'resource.read',
  'prompt.get',
  'elicitation.answered',
  'access.denied',
  'token.issued',
  'token.refused',
  'token.accepted',
  'token.rejected',
  'limit.exceeded',
  'request.rejected',
  'requests.unrecorded',
  'records.missed',
  'config.loaded',
  'policy.loaded',
  'policy.changed',
  'revocation.added',
  'revocation.removed',
  'chain.opened',
  'chain.closed',
] as const;

export type AuditEvent = (typeof AUDIT_EVENTS)[number];

export const AUDIT_OUTCOMES = ['success', 'failure', 'denied'] as const;

/** Description of an event. Undefined fields are omitted. docs/audit.md explains each field. */
export interface AuditFields {
  readonly event: AuditEvent;
  readonly outcome: (typeof AUDIT_OUTCOMES)[number];
  readonly reason?: string | undefined;
  readonly organization?: string | undefined;
  readonly subject?: string | undefined;
  readonly client?: string | undefined;
  readonly issuer?: string | undefined;
  /** Id of the token (`jti`), never the token. */
  readonly token?: string | undefined;
  /** Session of the sign-in (`sid`). */
  readonly session?: string | undefined;
  /** Who revoked: a user of the operating system, or the name in `--by`. */
  readonly actor?: string | undefined;
  readonly tool?: string | undefined;
  readonly resource?: string | undefined;
  readonly prompt?: string | undefined;
  /** Arguments that the tool lets be recorded, redacted. */
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
  /** HMAC-SHA-256 of all arguments, with the key of the deployment. */
  readonly argumentsDigest?: string | undefined;
  /** Approximate size of the result, characters. */
  readonly resultSize?: number | undefined;
  readonly status?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly address?: string | undefined;
  /** Sink that missed records. */
  readonly sink?: string | undefined;
  /** Version of the server. */
  readonly version?: string | undefined;
  /** SHA-256 of the configuration without secrets, or of the tool policy, as hexadecimal digits. */
  readonly digest?: string | undefined;
  /** Number of events that this record stands for. */
  readonly count?: number | undefined;
  /** Hash of the last record before each gap that missed records leave in what the sink has stored. */
  readonly after?: readonly string[] | undefined;
  /** Chain that this one continues, and the hash of its last record. */
  readonly previous?: { readonly chain: string; readonly hash: string } | undefined;
}

/** Fields of a caller, with their JSON. Most records of a process have few callers, so the JSON is written once. */
export interface RecordedCaller {
  readonly fields: Partial<AuditFields>;
  /** Members of the JSON, each followed by a comma. */
  readonly json: string;
}

/** Record of an event, as one line of JSON. */
export interface AuditRecord extends AuditFields {
  readonly v: typeof AUDIT_VERSION;
  /** Time of the event (RFC 3339). */
  readonly time: string;
  /** Instance of the server. */
  readonly instance: string;
  /** Chain of the record: one for each process and day. */
  readonly chain: string;
  /** Position in the chain, from 0. */
  readonly seq: number;
  /** Hash of the record before; empty for the first. */
  readonly prev: string;
  /** SHA-256 of the JSON of all other fields, in their order, as hexadecimal digits. */
  readonly hash: string;
}

/** Whether a record says that records are missing. One with a count of 0 only continues the record before it. */
export const tellsMissed = ({ event, count }: AuditRecord): boolean =>
  event === 'records.missed' && count !== 0;

/** Line of a chain, with the fields that sinks need. */
export interface AuditLine {
  readonly chain: string;
  /** Time of the event, milliseconds since the epoch. */
  readonly time: number;
  /** The record as JSON, without a line break. */
  readonly text: string;
  readonly record: AuditRecord;
}
