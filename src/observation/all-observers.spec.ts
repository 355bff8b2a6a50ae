import type { Request } from 'express';

import { allObservers } from './all-observers.js';
import type { EndedRequest, Observer } from './observer.js';

const REQUEST = {} as Request;
const ENDED = { status: 200 } as EndedRequest;

describe('allObservers', () => {
  const error = jest.fn();
  const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error };
  const combined = (...observers: Observer[]): Observer | undefined => allObservers(observers, log);
  let events: string[];
  const observer = (name: string): Observer => ({
    request: () => ({
      logFields: { [name]: name },
      run: (work) => {
        events.push(`${name} begins`);
        return work();
      },
      end: ({ status }) => void events.push(`${name} ends ${status}`),
    }),
  });
  beforeEach(() => {
    events = [];
    error.mockClear();
  });

  it('is undefined without observers', () => {
    expect(combined()).toBeUndefined();
  });

  it('runs the work once within all of them, and tells all of the end', () => {
    const passive: Observer = { request: () => ({ end: () => void events.push('passive ends') }) };
    const absent: Observer = { request: () => JSON.parse('null') };
    const observation = combined(observer('a'), passive, {}, absent, observer('b'))?.request?.(REQUEST);
    const returned = observation?.run?.(() => void events.push('work'));
    observation?.end(ENDED);
    expect(returned).toBeUndefined();
    expect(observation?.logFields).toEqual({ a: 'a', b: 'b' });
    expect(events).toEqual(['a begins', 'b begins', 'work', 'a ends 200', 'passive ends', 'b ends 200']);
  });

  const fail = (): never => {
    throw new Error('faulty observer');
  };
  it.each<[string, Observer]>([
    ['throws at the begin', { request: fail }],
    ['throws at the end', { request: () => ({ end: fail }) }],
    [
      'rejects at the end',
      { request: () => ({ end: () => Object(Promise.reject(new Error('faulty observer'))) }) },
    ],
    ['throws before the work', { request: () => ({ run: fail, end: () => {} }) }],
    [
      'throws after the work',
      {
        request: () => ({
          run: (work) => {
            work();
            return fail();
          },
          end: () => {},
        }),
      },
    ],
    [
      'rejects before the work',
      { request: () => ({ run: () => Object(Promise.reject(new Error('faulty observer'))), end: () => {} }) },
    ],
    [
      'rejects after the work',
      {
        request: () => ({
          run: (work) => {
            work();
            return Object(Promise.reject(new Error('faulty observer')));
          },
          end: () => {},
        }),
      },
    ],
    [
      'throws for one of its fields',
      {
        request: () => ({
          logFields: {
            get a() {
              return fail();
            },
          },
          end: () => {},
        }),
      },
    ],
    ['cannot be looked at', { request: () => new Proxy({ end: () => {} }, { has: () => fail() }) }],
    [
      'throws for its fields',
      {
        request: () => ({
          get logFields() {
            return fail();
          },
          end: () => {},
        }),
      },
    ],
    ['returns an observation without end', { request: () => JSON.parse('{}') }],
    ['begins asynchronously', { request: () => Object(Promise.reject(new Error('faulty observer'))) }],
  ])(
    'serves the request and tells the others when an observer %s, and logs it once',
    async (_what, faulty) => {
      const both = combined(faulty, observer('a'));
      for (const _request of [1, 2]) {
        events = [];
        const observation = both?.request?.(REQUEST);
        const returned = observation?.run?.(() => events.push('work'));
        observation?.end(ENDED);
        expect(returned).toBe(2);
        expect(events).toEqual(['a begins', 'work', 'a ends 200']);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(error).toHaveBeenCalledTimes(1);
    },
  );

  it('runs the work once, and returns its result, when an observer runs it never or twice', () => {
    const never = { request: () => ({ run: () => JSON.parse('null'), end: () => {} }) };
    const twice: Observer = {
      request: () => ({
        run: (work) => {
          work();
          return work();
        },
        end: () => {},
      }),
    };
    for (const faulty of [never, twice]) {
      const work = jest.fn(() => 'result');
      expect(combined(faulty)?.request?.(REQUEST).run?.(work)).toBe('result');
      expect(work).toHaveBeenCalledTimes(1);
    }
  });

  it('passes on an error of the work, which is no fault of an observer', () => {
    const observation = combined(observer('a'), observer('b'))?.request?.(REQUEST);
    expect(() => observation?.run?.(fail)).toThrow('faulty observer');
    expect(error).not.toHaveBeenCalled();
  });

  it('passes on the rejection of the work through an async run, which is no fault either', async () => {
    const passing: Observer = {
      request: () => ({ run: (work) => Object(Promise.resolve().then(work)), end: () => {} }),
    };
    const awaiting: Observer = {
      request: () => ({
        run: (work) => Object(Promise.resolve(work()).then((result) => result)),
        end: () => {},
      }),
    };
    for (const asynchronous of [passing, awaiting, observer('a')]) {
      const observation = combined(asynchronous)?.request?.(REQUEST);
      await expect(observation?.run?.(async () => fail())).rejects.toThrow('faulty observer');
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(error).not.toHaveBeenCalled();
  });

  it('refuses calls while an observer cannot tell whether it records them', () => {
    const unsure: Observer = {
      get refusesCalls() {
        return fail();
      },
    };
    expect([combined({})?.refusesCalls, combined({}, unsure)?.refusesCalls]).toEqual([false, true]);
    const failed = { hasRecorded: false };
    expect([combined({})?.hasRecorded, combined({}, failed)?.hasRecorded]).toEqual([true, false]);
    expect(() =>
      combined({ onUnexpectedError: fail })?.onUnexpectedError?.(new Error(), {
        requestId: '',
        kind: 'tool',
        name: '',
        correlationId: '',
      }),
    ).not.toThrow();
  });
});
