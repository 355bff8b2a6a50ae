import type { Request } from 'express';

import { allObservers } from './all-observers.js';
import type { EndedRequest, Observer } from './observer.js';

const REQUEST = {} as Request;
const ENDED = { status: 200 } as EndedRequest;

describe('allObservers', () => {
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
  });

  it('is undefined without observers, and an only observer itself', () => {
    const only = observer('a');
    expect([allObservers([]), allObservers([only])]).toEqual([undefined, only]);
  });

  it('runs the work once within all of them, and tells all of the end', () => {
    const passive: Observer = { request: () => ({ end: () => void events.push('passive ends') }) };
    const observation = allObservers([observer('a'), passive, {}, observer('b')])?.request?.(REQUEST);
    const returned = observation?.run?.(() => void events.push('work'));
    observation?.end(ENDED);
    expect(returned).toBeUndefined();
    expect(observation?.logFields).toEqual({ a: 'a', b: 'b' });
    expect(events).toEqual(['a begins', 'b begins', 'work', 'a ends 200', 'passive ends', 'b ends 200']);
  });
});
