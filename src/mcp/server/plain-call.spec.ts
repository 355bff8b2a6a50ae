import { plainCall } from './plain-call.js';

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
