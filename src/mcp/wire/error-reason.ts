import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import type { Response } from 'express';

import { begunCalls } from '../../logging/call-lines.js';
import type { Reason } from '../../logging/reason.js';
import { reasonOf, setErrorCode, setReason } from '../../logging/refused-response.js';
import { isRecord } from '../../values/is-record.js';

/** Code for a header that does not match the body (MCP 2026-07-28). */
export const HEADER_MISMATCH = -32_020;

/** Code for a capability that the client does not declare (MCP 2026-07-28). */
export const MISSING_CAPABILITY: number = ProtocolErrorCode.MissingRequiredClientCapability;

/** Code of "Resource not found" in the legacy era. The modern era uses `-32602`. */
export const LEGACY_RESOURCE_NOT_FOUND = -32_002;

const REASONS: ReadonlyMap<number, Reason> = new Map<number, Reason>([
  [INVALID_REQUEST, 'invalid_message'],
  [INVALID_PARAMS, 'invalid_params'],
  [METHOD_NOT_FOUND, 'unknown_method'],
  [HEADER_MISMATCH, 'header_mismatch'],
  [MISSING_CAPABILITY, 'missing_capability'],
  [ProtocolErrorCode.UnsupportedProtocolVersion, 'unsupported_revision'],
  // Without a reason of its own, the caller may know of the resource, but not subscribe to it.
  [LEGACY_RESOURCE_NOT_FOUND, 'forbidden'],
]);

/** Returns the reason for the log of an error of the SDK that has its own HTTP status. */
export const reasonOfError = (code: number, status: number): Reason => REASONS.get(code) ?? `http_${status}`;

/**
 * Sets the error with which a request is answered, for its log line, its metrics and its audit record.
 *
 * With status 200, the reason is not set if a more precise one is, or if the request has begun a call, whose line has its
 * own. The legacy era and handlers of the modern era answer with 200.
 *
 * @param error error of a JSON-RPC response
 */
export function setError(response: Response, error: unknown, status: number): void {
  const code = isRecord(error) && typeof error['code'] === 'number' ? error['code'] : INTERNAL_ERROR;
  setErrorCode(response, code);
  const isTold = reasonOf(response) !== undefined || begunCalls(response.req) > 0;
  if (status === 200 && isTold) return;
  const reason = status === 200 ? REASONS.get(code) : reasonOfError(code, status);
  if (reason !== undefined) setReason(response, reason);
}
