import { Logger } from '@nestjs/common';
import { z } from 'zod';

import { aPrincipal } from '../../../test/support/principal.js';
import { SILENT_CHANNEL } from '../../../test/support/silent-channel.js';
import { CallContext } from './call-context.js';
import type { ClientChannel } from './client-channel.js';
import { CallEnded, ClientInput, InputNeeded, NO_EARLIER_ROUNDS } from './client-input.js';

const NOBODY = { resourceUpdated: () => {}, resourceListChanged: () => {} };
const question = (key?: string) => ({
  message: 'Which?',
  schema: z.object({ v: z.string() }),
  ...(key !== undefined && { key }),
});

const circular: Record<string, unknown> = { name: 'a' };
circular['self'] = circular;

/** Waits until Node would report an unhandled rejection. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('the context of a call', () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  const warned = jest.fn();
  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', onUnhandled);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(warned);
  });
  afterEach(() => void process.off('unhandledRejection', onUnhandled));

  const begin = (channel: Partial<ClientChannel> = {}) => {
    const input = new ClientInput(channel.responses ?? {}, NO_EARLIER_ROUNDS);
    const context = new CallContext(
      aPrincipal(),
      () => new AbortController().signal,
      0,
      { ...SILENT_CHANNEL, ...channel },
      input,
      NOBODY,
      { kind: 'tool', name: 'test' },
    );
    return { context, input };
  };

  it('causes no unhandled rejection if a handler ignores its questions', async () => {
    const { context, input } = begin();
    const first = context.elicit(question('a'));
    void context.elicit(question('b'));
    void context.elicit({ message: 'Pay', url: 'https://pay.example.com' });
    void context.sample({ messages: [], maxTokens: 1 });
    void context.listRoots();
    await expect(first).rejects.toThrow(InputNeeded);
    expect(Object.keys(input.pending ?? {})).toEqual(['a', 'b', 'input-1', 'input-2', 'input-3']);
    await aMoment();
    expect(unhandled).toEqual([]);
  });

  it('keeps the capabilities of the client, if a handler changes its copy', () => {
    const { context } = begin({ capabilities: { elicitation: {} } });
    delete context.clientCapabilities.elicitation;
    expect(context.clientCapabilities).toEqual({ elicitation: {} });
  });

  it('rejects two questions with the same key', async () => {
    const { context } = begin();
    void context.elicit(question('a'));
    await expect(context.elicit(question('a'))).rejects.toThrow(/Two questions .* key "a"/);
  });

  it('rejects a question that cannot be sent, instead of throwing', async () => {
    const { context } = begin();
    const asked = context.elicit({ message: 'x', schema: z.object({ deep: z.object({ a: z.string() }) }) });
    await expect(asked).rejects.toThrow(Error);
    await expect(asked).rejects.not.toThrow(InputNeeded);
  });

  it('logs a notification that cannot be sent, instead of failing', async () => {
    const fail = async (): Promise<void> => {
      throw new Error('Not connected');
    };
    const failAtOnce = (): never => {
      throw new Error('Not connected');
    };
    const { context } = begin({ progress: { token: 1, last: -Infinity }, notify: fail, log: failAtOnce });
    await context.progress(1);
    await context.log('info', 'x');
    expect(warned).toHaveBeenCalledTimes(2);
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('Not connected'));
  });

  it('sends only increasing progress', async () => {
    const notify = jest.fn(async () => {});
    const { context } = begin({ progress: { token: 1, last: -Infinity }, notify });
    for (const progress of [1, 1, 0, NaN, 2]) await context.progress(progress);
    expect(notify.mock.calls).toMatchObject([
      [expect.anything(), { progress: 1 }],
      [expect.anything(), { progress: 2 }],
    ]);
  });

  it('omits progress and totals that are not finite', async () => {
    const notify = jest.fn(async () => {});
    const { context } = begin({ progress: { token: 1, last: -Infinity }, notify });
    await context.progress(Infinity, 5);
    await context.progress(1, NaN);
    await context.progress(2, Infinity);
    await context.progress(3, 3, JSON.parse('{"at":3}') as string);
    expect(notify.mock.calls).toEqual([
      ['notifications/progress', { progressToken: 1, progress: 1 }],
      ['notifications/progress', { progressToken: 1, progress: 2 }],
      ['notifications/progress', { progressToken: 1, progress: 3, total: 3, message: '{"at":3}' }],
    ]);
  });

  it.each<[string, unknown, unknown]>([
    ['undefined', undefined, null],
    ['plain data', { at: new Date(0), none: undefined }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a Map', new Map([['a', 1]]), { Map: [['a', 1]] }],
    ['NaN in an object', { rate: NaN }, { rate: 'NaN' }],
    ['a bigint', 7n, '7'],
    ['a function', { run: () => 1 }, { run: '[Function: run]' }],
    ['an error, without its stack', new RangeError('too far'), { name: 'RangeError', message: 'too far' }],
    ['a circular value', circular, { name: 'a', self: '[Circular]' }],
  ])('logs %s as JSON', async (_what, data, sent) => {
    const log = jest.fn(async () => {});
    const { context } = begin({ log });
    await context.log('info', data);
    expect(log.mock.calls).toEqual([['info', sent, undefined]]);
  });

  it('logs an unknown level as "info"', async () => {
    const log = jest.fn(async () => {});
    const { context } = begin({ log });
    for (const level of ['warning', 'nonsense', 'constructor', undefined]) {
      await context.log(level as 'warning', 'x', JSON.parse('7') as string);
    }
    expect(log.mock.calls).toEqual(['warning', 'info', 'info', 'info'].map((level) => [level, 'x', '7']));
  });

  it('neither sends, throws nor asks after the end of the call', async () => {
    const write = jest.fn(async () => {});
    const release = (): void => void write();
    const { context, input } = begin({
      progress: { token: 1, last: -Infinity },
      notify: write,
      log: write,
      release,
    });
    input.end();
    await context.progress(1);
    await context.log('info', 'x');
    context.releaseConnection();
    void context.elicit(question());
    void context.sample({ messages: [], maxTokens: 1 });
    await expect(context.listRoots()).rejects.toThrow(CallEnded);
    expect(write).not.toHaveBeenCalled();
    expect(input.pending).toBeUndefined();
    expect(warned).not.toHaveBeenCalled();
    await aMoment();
    expect(unhandled).toEqual([]);
  });
});
