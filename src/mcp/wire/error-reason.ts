import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';

import type { Reason } from '../../logging/reason.js';

/** Code for a header that does not match the body (MCP 2026-07-28). */
export const HEADER_MISMATCH = -32_020;

/** Code for a capability that the client does not declare (MCP 2026-07-28). */
export const MISSING_CAPABILITY: number = ProtocolErrorCode.MissingRequiredClientCapability;

const REASONS: ReadonlyMap<number, Reason> = new Map<number, Reason>([
  [INVALID_REQUEST, 'invalid_message'],
  [INVALID_PARAMS, 'invalid_params'],
  [METHOD_NOT_FOUND, 'unknown_method'],
  [HEADER_MISMATCH, 'header_mismatch'],
  [MISSING_CAPABILITY, 'missing_capability'],
  [ProtocolErrorCode.UnsupportedProtocolVersion, 'unsupported_revision'],
]);

/** Returns the reason for the log of an error of the SDK that has its own HTTP status. */
export const reasonOfError = (code: number, status: number): Reason => REASONS.get(code) ?? `http_${status}`;
