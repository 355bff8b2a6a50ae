import type { CallToolResult } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';

/** Whether a result has nothing but texts and structured content, so that it is valid without a look at the SDK's schemas. */
export function isPlainResult(result: object): result is CallToolResult {
  for (const name in result) {
    const value: unknown = Reflect.get(result, name);
    const isValid =
      name === 'content'
        ? Array.isArray(value) && value.every(isText)
        : name === 'structuredContent'
          ? isRecord(value)
          : name === 'isError' && typeof value === 'boolean';
    if (!isValid) return false;
  }
  return 'content' in result;
}

function isText(block: unknown): boolean {
  if (!isRecord(block) || block['type'] !== 'text' || typeof block['text'] !== 'string') return false;
  return Object.keys(block).length === 2;
}
