import { lasting, lastingText } from '../../values/known-text.js';
import { batchText, messageBody, messageText } from './message-text.js';

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

describe('messageBody', () => {
  const listed = (title: string): object[] => lasting([{ name: 'a', title }]);

  it.each([
    ['ASCII', { jsonrpc: '2.0', id: 1, result: { tools: listed('A') } }, true],
    ['other characters in the list', { jsonrpc: '2.0', id: 1, result: { tools: listed('Ä') } }, false],
    ['other characters in the id', { jsonrpc: '2.0', id: 'ä', result: { tools: listed('A') } }, false],
    ['other characters in a member', { id: 1, result: { nextCursor: 'ä', tools: listed('A') } }, false],
    ['a text that nobody has searched', { jsonrpc: '2.0', id: 1, result: { tools: [] } }, undefined],
  ])('knows whether a list is ASCII: %s', (_what, message, isAscii) => {
    const body = messageBody(message);
    expect(JSON.parse(body.text)).toEqual(message);
    expect(body.isAscii).toBe(isAscii);
  });
});
