import { pino } from 'pino';

import { Interruption, runningCalls } from './running-call.js';
import { StrayErrors } from './stray-errors.js';

const call = (tool: string): { fields: Record<string, string>; signal: undefined } => ({
  fields: { requestId: `request of ${tool}`, organizationId: 'org_acme', tool },
  signal: undefined,
});

describe('StrayErrors', () => {
  let lines: Record<string, unknown>[];
  let errors: StrayErrors;
  const stop = jest.fn();
  beforeEach(() => {
    lines = [];
    const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
    errors = new StrayErrors(pino({ base: undefined, timestamp: false }, { write }), stop);
  });
  afterEach(() => void jest.useRealTimers());

  it('logs an exception of a call with its tool and stack, and keeps running', () => {
    runningCalls.run(call('faulty'), () => errors.onException(new Error('in a timer')));
    expect(lines).toEqual([
      {
        level: 50,
        requestId: 'request of faulty',
        organizationId: 'org_acme',
        tool: 'faulty',
        error: expect.stringMatching(/^Error: in a timer\n +at /),
        msg: 'uncaught exception',
      },
    ]);
    expect(stop).not.toHaveBeenCalled();
  });

  it('stops after an exception that belongs to no call', () => {
    errors.onException(new Error('nobody knows'));
    expect(lines).toMatchObject([{ level: 60, error: expect.stringMatching(/nobody knows/) }]);
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it('logs a rejection inside or outside a call, and keeps running', () => {
    errors.onRejection(new Error('one'));
    runningCalls.run(call('faulty'), () => errors.onRejection(undefined));
    expect(lines).toMatchObject([
      { level: 50, error: expect.stringMatching(/^Error: one\n/), msg: 'unhandled rejection' },
      { level: 50, error: 'undefined', tool: 'faulty' },
    ]);
    expect(stop).not.toHaveBeenCalled();
  });

  it('logs a warning of Node.js', () => {
    errors.onWarning(new Error('\u001b[2Jleak'));
    expect(lines).toMatchObject([
      { level: 40, error: expect.stringMatching(/leak/), msg: 'process warning' },
    ]);
  });

  it('ignores interruptions of a handler', () => {
    errors.onRejection(new Interruption());
    errors.onException(new Interruption());
    expect(lines).toEqual([]);
    expect(stop).not.toHaveBeenCalled();
  });

  it('handles a thrown proxy whose traps throw', () => {
    const refuse = (): never => {
      throw new Error('refused');
    };
    errors.onRejection(new Proxy({}, { get: refuse, getPrototypeOf: refuse }));
    expect(lines).toMatchObject([{ error: expect.stringMatching(/^Proxy/) }]);
  });

  it('limits the lines of each tool and later logs how many it suppressed', () => {
    jest.useFakeTimers();
    const fail = (tool: string): void =>
      runningCalls.run(call(tool), () => errors.onException(new Error('again')));
    for (let count = 0; count < 1_000; count++) fail('noisy');
    fail('other');
    expect(lines.map(({ tool }) => tool)).toEqual([...Array<string>(10).fill('noisy'), 'other']);
    jest.advanceTimersByTime(61_000);
    fail('noisy');
    expect(lines.at(-1)).toMatchObject({ tool: 'noisy', suppressed: 990 });
    fail('noisy');
    expect(lines.at(-1)).not.toHaveProperty('suppressed');
  });
});
