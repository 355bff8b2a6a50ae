import type { ReadMessage } from '../logging/refused-response.js';
import { unobservedMessages } from './unobserved-messages.js';

const CALL = { method: 'tools/call', body: {} };
const PING = { method: 'ping', body: {} };
const ANSWER = { method: undefined, body: {} };

describe('unobservedMessages', () => {
  it.each<[string, readonly ReadMessage[], number, readonly ReadMessage[]]>([
    ['a call', [CALL], 1, []],
    ['a refused call', [CALL], 0, [CALL]],
    ['another message', [PING], 0, [PING]],
    ['an answer to a question', [ANSWER], 0, []],
    ['as many messages as calls', [PING, CALL], 2, [PING]],
    ['a batch', [PING, CALL, ANSWER, CALL, PING], 2, [PING, PING]],
    ['a batch with a refused call', [CALL, PING, CALL], 1, [PING, CALL]],
    ['a request that was not read', [], 0, []],
  ])('returns what no call stands for: %s', (_what, messages, calls, expected) => {
    expect(unobservedMessages({ messages, calls })).toEqual(expected);
  });
});
