import { type CallToolResult, isCallToolResult } from '@modelcontextprotocol/server';

import { isRecord } from '../is-record.js';

/** A result that tells the model of a failure (MCP specification, server/tools, error handling). */
export function errorResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/**
 * Makes what a tool returned into a result: a string becomes text, a plain value becomes JSON (and structured
 * content, where that is an object), nothing becomes an empty result, and a whole result stays as it is.
 *
 * @throws {TypeError} when the value cannot be written as JSON, or is a whole result of no valid form
 */
export function toToolResult(value: unknown): CallToolResult {
  if (value === undefined || value === null) return { content: [] };
  if (typeof value === 'string') return { content: [{ type: 'text', text: value }] };
  if (hasOnly(RESULT_MEMBERS, value)) {
    const result =
      'content' in value ? value : { ...value, content: [json(value['structuredContent']).block] };
    if (isCallToolResult(result)) return result;
    throw new TypeError('The tool returned a result that is not valid: see CallToolResult.');
  }
  const { block, parsed } = json(value);
  return { content: [block], ...(isRecord(parsed) && { structuredContent: parsed }) };
}

/** The members of a whole result, of which it has `content` or `structuredContent` at least. */
const RESULT_MEMBERS = new Set(['content', 'structuredContent', 'isError', '_meta']);

function hasOnly(members: ReadonlySet<string>, value: unknown): value is Record<string, unknown> {
  return (
    isRecord(value) &&
    (Array.isArray(value['content']) || isRecord(value['structuredContent'])) &&
    Object.keys(value).every((key) => members.has(key))
  );
}

function json(value: unknown): { block: { type: 'text'; text: string }; parsed: unknown } {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError('The tool returned something that cannot be written as JSON.');
  return { block: { type: 'text', text }, parsed: JSON.parse(text) };
}
