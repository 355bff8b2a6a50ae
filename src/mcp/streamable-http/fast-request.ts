import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  isSpecType,
  type JSONRPCRequest,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders } from 'node:http';

import { isRecord } from '../../values/is-record.js';
import { isRequest } from '../wire/plain-request.js';
import { LEGACY_REVISIONS, MODERN_REVISION } from '../wire/revisions.js';

/** Parameter with the name of the target, by method. The header `Mcp-Name` repeats its value. */
const NAMED_BY: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/**
 * Returns the body if it is a modern request for the fast path, as nearly all are: its headers match the body exactly.
 * Returns undefined for all others, which the SDK classifies and answers.
 */
export function fastModernRequest(body: unknown, headers: IncomingHttpHeaders): JSONRPCRequest | undefined {
  if (headers['mcp-protocol-version'] !== MODERN_REVISION || !isRequest(body)) return undefined;
  const { method, params } = body;
  const envelope = params?._meta;
  const member = NAMED_BY[method];
  const isFast =
    headers['mcp-method'] === method &&
    envelope?.[PROTOCOL_VERSION_META_KEY] === MODERN_REVISION &&
    isValidEnvelope(envelope) &&
    (member === undefined || headers['mcp-name'] === params?.[member]);
  return isFast ? body : undefined;
}

/** Whether an envelope is valid. For invalid ones, only the SDK's classification, not its server, names the problem. */
function isValidEnvelope(envelope: Readonly<Record<string, unknown>>): boolean {
  const {
    [CLIENT_CAPABILITIES_META_KEY]: capabilities,
    [CLIENT_INFO_META_KEY]: client,
    [LOG_LEVEL_META_KEY]: logLevel,
  } = envelope;
  return (
    isRecord(capabilities) &&
    Object.values(capabilities).every((part) => isRecord(part) && Object.entries(part).every(isDeclared)) &&
    (client === undefined || (isRecord(client) && isText(client['name']) && isText(client['version']))) &&
    (logLevel === undefined || isSpecType.LoggingLevel(logLevel))
  );
}

const isDeclared = ([name, value]: [string, unknown]): boolean =>
  isRecord(value) || (name === 'listChanged' && typeof value === 'boolean');

const isText = (value: unknown): value is string => typeof value === 'string';

/** Returns the body if it is a legacy request for the fast path, as nearly all are; otherwise undefined. */
export function fastLegacyRequest(body: unknown, headers: IncomingHttpHeaders): JSONRPCRequest | undefined {
  const revision = headers['mcp-protocol-version'];
  const isLegacy = revision === undefined || (typeof revision === 'string' && LEGACY_REVISIONS.has(revision));
  if (!isLegacy || headers['mcp-method'] !== undefined || !isRequest(body)) return undefined;
  const meta = body.params?._meta;
  return meta !== undefined && PROTOCOL_VERSION_META_KEY in meta ? undefined : body;
}
