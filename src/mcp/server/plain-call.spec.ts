import type { CallToolResult } from '@modelcontextprotocol/server';

import { isPlainResult, plainCall } from './plain-call.js';

const request = (params?: Record<string, unknown>) =>
  ({ jsonrpc: '2.0', id: 1, method: 'tools/call', ...(params && { params }) }) as const;

describe('plainCall', () => {
  it('reads a name, with or without arguments', () => {
    expect(plainCall(request({ name: 'search' }))).toEqual({ name: 'search' });
    const call = { name: 'search', arguments: { query: null, page: [1] } };
    expect(plainCall(request(call))).toEqual(call);
  });

  it.each<[string, Record<string, unknown> | undefined]>([
    ['no parameters', undefined],
    ['no name', { arguments: {} }],
    ['a name that is no text', { name: 1 }],
    ['arguments in a list', { name: 'search', arguments: [] }],
    ['arguments that are null', { name: 'search', arguments: null }],
    ['a progress token', { name: 'search', _meta: { progressToken: 1 } }],
    ['an unknown parameter', { name: 'search', task: {} }],
    ['a prototype as an argument', { name: 'search', arguments: JSON.parse('{"__proto__":{"admin":true}}') }],
  ])('leaves a call with %s to the SDK', (_what, params) => {
    expect(plainCall(request(params))).toBeUndefined();
  });
});

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
