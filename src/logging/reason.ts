/** Reason codes of refused requests. A call can have some of them, too. */
export const REFUSALS = [
  // Token, or its transmission.
  'missing_token',
  'several_tokens',
  'token_in_query',
  'malformed_header',
  'malformed',
  'wrong_type',
  'wrong_algorithm',
  'unknown_key',
  'bad_signature',
  'wrong_issuer',
  'wrong_audience',
  'expired',
  'not_yet_valid',
  'issued_in_future',
  'lives_too_long',
  'no_expiry',
  'no_issue_time',
  'no_subject',
  'invalid_claim',
  'wrong_claim',
  'revoked',
  'insufficient_scope',
  'forbidden',
  // Token that cannot be verified at the moment.
  'issuer_unreachable',
  'revocations_unknown',
  // Limits.
  'rate_limited:caller',
  'rate_limited:organization',
  'rate_limited:tool',
  'rate_limited:resource',
  'rate_limited:prompt',
  'rate_limited:address',
  'in_flight:caller',
  'in_flight:organization',
  'in_flight:instance',
  'body_bytes:caller',
  'body_bytes:instance',
  'stuck',
  'sessions:caller',
  'sessions:instance',
  'listeners:caller',
  'listeners:instance',
  'kept_bytes:caller',
  'kept_bytes:instance',
  'stopping',
  'unrecorded',
  // HTTP request and its messages.
  'malformed_request',
  'wrong_host',
  'wrong_origin',
  'method_not_allowed',
  'not_acceptable',
  'unsupported_media_type',
  'body_too_large',
  'body_unreadable',
  'invalid_json',
  'nested_too_deeply',
  'metadata_too_large',
  'invalid_message',
  'invalid_batch',
  'duplicate_id',
  'unsupported_revision',
  'header_mismatch',
  'invalid_selection',
  'invalid_params',
  'missing_capability',
  'unknown_method',
  'unknown_target',
  'hidden_target',
  'unknown_session',
  'missing_session',
  'session_open',
  'unknown_event',
] as const;

/** Reason codes that only calls have. */
const CALL_FAILURES = [
  'wrong_state',
  'invalid_input',
  'not_found',
  'tool_error',
  'database:unreachable',
  'database:connections',
  'database:disk_full',
  'database:read_only',
  'upstream:unreachable',
  'upstream:credentials',
  'cannot_ask',
  'timeout',
  'cancelled',
  'result_too_large',
  'unexpected',
] as const;

/**
 * Reason codes of failed requests and calls in the `reason` field of the log. They are stable, so that they can be
 * searched and counted.
 *
 * docs/logs.md explains each code. A test compares the two lists.
 */
export const REASONS = [...REFUSALS, ...CALL_FAILURES] as const;

/**
 * Reason code. `http_<status>` stands for a NestJS HTTP exception, or for a failed response without a known reason.
 * `api_<status>` stands for a 4xx response of the API behind a tool.
 */
export type Reason = (typeof REASONS)[number] | `http_${number}` | `api_${number}`;

/** Whether the guard refused a request although its token is genuine. Its sender may not be whom the token names. */
export const isUnaccepted = (reason: Reason | undefined): boolean =>
  reason === 'revoked' || reason === 'revocations_unknown';

const KNOWN: ReadonlySet<unknown> = new Set(REASONS);

/** Whether a value is one of the fixed reason codes. */
export const isReason = (value: unknown): value is (typeof REASONS)[number] => KNOWN.has(value);

/** Reason codes of calls that fail because of the server or of what it depends on, not because of their callers. */
export const SERVER_FAILURES: readonly Reason[] = CALL_FAILURES.filter((reason) =>
  /^(?:unexpected|timeout|(?:database|upstream):.+)$/.test(reason),
);

const FAILURES: ReadonlySet<unknown> = new Set(SERVER_FAILURES);

/** Whether a reason is one of {@link SERVER_FAILURES}. */
export const isServerFailure = (reason: Reason | undefined): boolean => FAILURES.has(reason);
