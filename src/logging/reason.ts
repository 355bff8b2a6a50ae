/**
 * Why a request or a call failed, as the log says it in `reason`: stable codes to search and to count by.
 *
 * docs/logs.md explains each of them, and a test compares the two lists.
 */
export const REASONS = [
  // The token, or how it is presented.
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
  'revoked',
  'insufficient_scope',
  'forbidden',
  // Whether the token is good cannot be decided.
  'issuer_unreachable',
  'revocations_unknown',
  // Limits.
  'rate_limited:caller',
  'rate_limited:organization',
  'rate_limited:tool',
  'rate_limited:address',
  'in_flight:organization',
  'in_flight:instance',
  'sessions:caller',
  'sessions:instance',
  'listeners:caller',
  'listeners:instance',
  'stopping',
  // The HTTP request and its messages.
  'malformed_request',
  'wrong_host',
  'wrong_origin',
  'method_not_allowed',
  'not_acceptable',
  'unsupported_media_type',
  'body_too_large',
  'body_unreadable',
  'invalid_json',
  'invalid_message',
  'invalid_batch',
  'duplicate_id',
  'unsupported_revision',
  'header_mismatch',
  'unknown_session',
  'missing_session',
  'session_open',
  'unknown_event',
  // The call.
  'invalid_input',
  'not_found',
  'tool_error',
  'timeout',
  'cancelled',
  'result_too_large',
  'unexpected',
] as const;

/** `http_<status>`: the handler threw NestJS's exception of this status, or nothing more is known of a response. */
export type Reason = (typeof REASONS)[number] | `http_${number}`;
