import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { keepAlive, onEachInterval } from './keep-alive.js';

/** Creates a response that nobody reads, and counts writes to it. */
function aStream(): { response: ServerResponse; written: () => number } {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const write = jest.spyOn(response, 'write').mockReturnValue(true);
  return { response, written: () => write.mock.calls.length };
}

describe('keep-alive', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('writes to each stream every 15 seconds, spread over the interval', () => {
    const streams = Array.from({ length: 30 }, aStream);
    streams.forEach(({ response }) => keepAlive(response));
    for (let second = 1; second <= 15; second++) {
      jest.advanceTimersByTime(1_000);
      const sum = streams.reduce((total, { written }) => total + written(), 0);
      expect(sum).toBe(2 * second);
    }
    expect(streams.map(({ written }) => written())).toEqual(Array(30).fill(1));
    streams.forEach(({ response }) => response.emit('close'));
    jest.advanceTimersByTime(1_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('calls back after an interval, unless it is stopped', () => {
    const [slow, fast] = [{ beat: jest.fn() }, { beat: jest.fn() }];
    const stops = [slow, fast].map((beating) => onEachInterval(beating));
    jest.advanceTimersByTime(13_000);
    stops[1]?.();
    expect(slow.beat).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2_000);
    stops[0]?.();
    expect([slow.beat.mock.calls.length, fast.beat.mock.calls.length]).toEqual([1, 0]);
    jest.advanceTimersByTime(1_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not write to closed or ended streams', () => {
    const [closed, ended] = [aStream(), aStream()];
    keepAlive(closed.response);
    keepAlive(ended.response);
    closed.response.emit('close');
    ended.response.end();
    jest.advanceTimersByTime(30_000);
    expect([closed.written(), ended.written()]).toEqual([0, 0]);
    ended.response.emit('close');
  });
});
