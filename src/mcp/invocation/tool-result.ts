import type { CallToolResult } from '@modelcontextprotocol/server';

/** A result that tells the model of a failure (MCP specification, server/tools, error handling). */
export function errorResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/**
 * Makes what a tool returned into a result: a string becomes text, a plain value becomes JSON (and structured
 * content, where it is an object), nothing becomes an empty result, and a whole result stays as it is.
 *
 * @throws {TypeError} when the value cannot be written as JSON
 */
export function toToolResult(value: unknown): CallToolResult {
  if (value === undefined || value === null) return { content: [] };
  if (typeof value === 'string') return { content: [{ type: 'text', text: value }] };
  if (isWholeResult(value)) return value;
  if (isStructuredResult(value)) return { ...value, content: [json(value.structuredContent)] };
  return {
    content: [json(value)],
    ...(isRecord(value) && { structuredContent: value }),
  };
}

/** The characters of a result's text, data and structured content: what it costs the caller to read. */
export function resultSize(result: CallToolResult): number {
  const structured = result.structuredContent ? JSON.stringify(result.structuredContent).length : 0;
  return result.content.reduce((sum, block) => sum + blockSize(block), structured);
}

function blockSize(block: CallToolResult['content'][number]): number {
  switch (block.type) {
    case 'text':
      return block.text.length;
    case 'image':
    case 'audio':
      return block.data.length;
    case 'resource':
      return ('text' in block.resource ? block.resource.text : block.resource.blob).length;
    case 'resource_link':
      return JSON.stringify(block).length;
    default:
      return block satisfies never;
  }
}

function json(value: unknown): { type: 'text'; text: string } {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError('The tool returned something that cannot be written as JSON.');
  return { type: 'text', text };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const BLOCK_TYPES = new Set<unknown>(['text', 'image', 'audio', 'resource', 'resource_link']);

function isWholeResult(value: unknown): value is CallToolResult {
  return (
    isRecord(value) &&
    Array.isArray(value['content']) &&
    value['content'].every((block) => isRecord(block) && BLOCK_TYPES.has(block['type']))
  );
}

function isStructuredResult(value: unknown): value is { structuredContent: Record<string, unknown> } {
  return isRecord(value) && isRecord(value['structuredContent']);
}
