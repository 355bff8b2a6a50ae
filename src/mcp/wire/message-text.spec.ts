import { batchText, messageText } from './message-text.js';

const unwritable = { jsonrpc: '2.0', id: 7, result: { count: 10n } };
const INSTEAD = { jsonrpc: '2.0', id: 7, error: { code: -32_603, message: 'Internal error' } };

describe('messageText', () => {
  it('returns JSON', () => {
    expect(messageText({ jsonrpc: '2.0', id: 1, result: {} })).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });

  it('returns an internal error for a response that cannot be serialized', () => {
    expect(JSON.parse(messageText(unwritable))).toEqual(INSTEAD);
  });

  it('throws for a notification or a request that cannot be serialized', () => {
    expect(() => messageText({ method: 'a', params: { count: 10n } })).toThrow(TypeError);
    expect(() => messageText({ method: 'a', id: 1, params: { count: 10n } })).toThrow(TypeError);
  });

  it('keeps the other responses of a batch', () => {
    const fine = { jsonrpc: '2.0', id: 1, result: {} };
    expect(JSON.parse(batchText([fine, unwritable]))).toEqual([fine, INSTEAD]);
  });
});
