import { setImmediate as nextTurn } from 'node:timers/promises';

import { AdmittedMessages } from '../admission/admitted-messages.js';
import type { RequestContext } from '../context/request-context.js';
import { InputFailure, withInput } from './client-rounds.js';

type Given = Parameters<typeof withInput>;

/** Question that was sent to the client. */
interface Sent {
  readonly message: unknown;
  readonly signal: AbortSignal;
  readonly answer: (result: object) => void;
  readonly fail: (error: Error) => void;
}

describe('the questions of a round', () => {
  let gone: AbortController;
  let sent: Sent[];
  let runs: number;
  let outcome: Promise<object>;
  beforeEach(async () => {
    gone = new AbortController();
    sent = [];
    runs = 0;
    const extra = {
      signal: gone.signal,
      authInfo: new AdmittedMessages({} as RequestContext, [], { find: () => undefined }),
      sendRequest: (message: unknown, _schema: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise((answer, fail) => sent.push({ message, signal, answer, fail })),
    } as unknown as Given[1];
    const server = { getClientCapabilities: () => ({ roots: {} }) } as unknown as Given[0];
    const question = { method: 'roots/list' };
    const needed = { resultType: 'input_required', inputRequests: { a: question, b: question, c: question } };
    const run = (): Promise<never> => Promise.resolve((runs++ === 0 ? needed : {}) as never);
    outcome = withInput(server, extra, run, () => Promise.resolve(undefined));
    outcome.catch(() => undefined);
    await nextTurn();
  });

  it('are withdrawn if one of them fails, except those that are answered', async () => {
    const [a, b, c] = sent;
    a?.answer({ roots: [] });
    await nextTurn();
    b?.fail(new Error('no'));
    await expect(outcome).rejects.toEqual(new InputFailure('The client did not answer roots/list.'));
    expect([a?.signal.aborted, c?.signal.aborted]).toEqual([false, true]);
  });

  it('are not withdrawn after their answers when the call is cancelled later', async () => {
    for (const { answer } of sent) answer({ roots: [] });
    await outcome;
    gone.abort();
    expect(sent.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
  });
});

it('asks at most 8 times, and runs the call with the last answer', async () => {
  const asked: unknown[] = [];
  const extra = {
    signal: new AbortController().signal,
    authInfo: new AdmittedMessages({} as RequestContext, [], { find: () => undefined }),
    sendRequest: (message: unknown) => {
      asked.push(message);
      return Promise.resolve({ roots: [] });
    },
  } as unknown as Given[1];
  const server = { getClientCapabilities: () => ({ roots: {} }) } as unknown as Given[0];
  const needed = { resultType: 'input_required', inputRequests: { a: { method: 'roots/list' } } };
  let runs = 0;
  const run = (): Promise<never> => {
    runs++;
    return Promise.resolve(needed as never);
  };
  await expect(withInput(server, extra, run, () => Promise.resolve(undefined))).rejects.toThrow(
    'The call requires too many rounds of client input.',
  );
  expect({ asked: asked.length, runs }).toEqual({ asked: 8, runs: 9 });
});
