import { lastingText } from '../../values/known-text.js';
import { batchText, messageText } from './message-text.js';

const unwritable = { jsonrpc: '2.0', id: 7, result: { count: 10n } };
const INSTEAD = { jsonrpc: '2.0', id: 7, error: { code: -32_603, message: 'Internal error' } };

describe('messageText', () => {
  it('returns JSON', () => {
    expect(messageText({ jsonrpc: '2.0', id: 1, result: {} })).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });

  it('does not write structured content again whose text is known', () => {
    let written = 0;
    const value = {
      text: 'a'.repeat(600),
      toJSON: (): object => ({ text: 'a'.repeat(600), written: ++written }),
    };
    const text = lastingText(value);
    const result = { content: [{ type: 'text', text }], structuredContent: value, isError: false };
    const message = messageText({ jsonrpc: '2.0', id: 'a', result });
    expect(JSON.parse(message)).toEqual({
      jsonrpc: '2.0',
      id: 'a',
      result: { ...result, structuredContent: { text: 'a'.repeat(600), written: 1 } },
    });
    expect(written).toBe(1);
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
