import {
  CLIENT_CAPABILITIES_META_KEY,
  type InboundModernRoute,
  isJSONRPCRequest,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders } from 'node:http';

import { isRecord } from '../is-record.js';
import { LEGACY_REVISIONS, MODERN_REVISION } from './revisions.js';

/** A request of MCP 2026-07-28, as the SDK's classification would have it. */
export type ModernRequest = InboundModernRoute & { readonly message: JSONRPCRequest };

/** What names the target of a request, by its method; the header `Mcp-Name` repeats it. */
const NAMED_BY: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/**
 * A request as plain as nearly all of MCP 2026-07-28 are: of the one revision, and with headers that repeat its body
 * to the letter. undefined for all others, to which the SDK's own classification finds the right answer.
 */
export function plainModernRequest(body: unknown, headers: IncomingHttpHeaders): ModernRequest | undefined {
  if (headers['mcp-protocol-version'] !== MODERN_REVISION) return undefined;
  // As the SDK's server has it, to the letter: what it takes for no request, it never answers.
  if (!isJSONRPCRequest(body)) return undefined;
  const { method, params } = body;
  const envelope = params?._meta;
  if (
    headers['mcp-method'] !== method ||
    !isRecord(envelope) ||
    envelope[PROTOCOL_VERSION_META_KEY] !== MODERN_REVISION ||
    !isRecord(envelope[CLIENT_CAPABILITIES_META_KEY])
  ) {
    return undefined;
  }
  const member = NAMED_BY[method];
  if (member !== undefined && headers['mcp-name'] !== params?.[member]) return undefined;
  return {
    kind: 'modern',
    messageKind: 'request',
    message: body,
    classification: { era: 'modern', revision: MODERN_REVISION },
  };
}

/** Whether a request is as plain as nearly all of the 2025 revisions are, and claims to be of no other. */
export function isPlainLegacyRequest(body: unknown, headers: IncomingHttpHeaders): boolean {
  const revision = headers['mcp-protocol-version'];
  const isLegacy = revision === undefined || (typeof revision === 'string' && LEGACY_REVISIONS.has(revision));
  if (!isLegacy || headers['mcp-method'] !== undefined || !isJSONRPCRequest(body)) return false;
  const meta = body.params?._meta;
  return meta === undefined || (isRecord(meta) && !(PROTOCOL_VERSION_META_KEY in meta));
}
