import type { CallToolResult } from '@modelcontextprotocol/server';

import { isPlainResult } from './plain-result.js';

describe('isPlainResult', () => {
  const text = { type: 'text', text: 'Done' } as const;

  it.each<CallToolResult>([
    { content: [] },
    { content: [text, text], isError: true },
    { content: [text], structuredContent: { id: 1 } },
  ])('accepts %j', (result) => {
    expect(isPlainResult(result)).toBe(true);
  });

  it.each<[string, object]>([
    ['without content', { structuredContent: {} }],
    ['with content that is no list', { content: text }],
    ['with an image', { content: [{ type: 'image', data: '', mimeType: 'image/png' }] }],
    ['with a text that is none', { content: [{ type: 'text', text: 1 }] }],
    ['with annotations', { content: [{ ...text, annotations: { priority: 1 } }] }],
    ['with _meta', { content: [text], _meta: {} }],
    ['with structured content in a list', { content: [text], structuredContent: [] }],
    ['with an error flag that is no boolean', { content: [text], isError: 'no' }],
    ['that asks for input', { resultType: 'input_required', inputRequests: {} }],
  ])('leaves a result %s to the SDK', (_what, result) => {
    expect(isPlainResult(result)).toBe(false);
  });
});
