import { answersText, messageText } from './message-text.js';

const unwritable = { jsonrpc: '2.0', id: 7, result: { count: 10n } };
const INSTEAD = { jsonrpc: '2.0', id: 7, error: { code: -32_603, message: 'Internal error' } };

describe('the text of a message', () => {
  it('is its JSON', () => {
    expect(messageText({ jsonrpc: '2.0', id: 1, result: {} })).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });

  it('is an internal error for an answer that JSON has no form for', () => {
    expect(JSON.parse(messageText(unwritable))).toEqual(INSTEAD);
  });

  it('fails for a notification or a request that JSON has no form for', () => {
    expect(() => messageText({ method: 'a', params: { count: 10n } })).toThrow(TypeError);
    expect(() => messageText({ method: 'a', id: 1, params: { count: 10n } })).toThrow(TypeError);
  });

  it('leaves the other answers of a list as they are', () => {
    const fine = { jsonrpc: '2.0', id: 1, result: {} };
    expect(JSON.parse(answersText([fine, unwritable], true))).toEqual([fine, INSTEAD]);
    expect(JSON.parse(answersText([unwritable], false))).toEqual(INSTEAD);
  });
});
