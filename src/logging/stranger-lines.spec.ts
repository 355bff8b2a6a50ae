import { AsyncLocalStorage } from 'node:async_hooks';

import { StrangerLines } from './stranger-lines.js';

describe('StrangerLines', () => {
  const warn = jest.fn();
  const log = { debug: jest.fn(), info: jest.fn(), warn, error: jest.fn() };
  let lines: StrangerLines;
  const admitted = (count: number, address: string): number =>
    Array.from({ length: count }, () => lines.admit(address, 'missing_token')).filter(Boolean).length;
  beforeEach(() => {
    jest.useFakeTimers();
    jest.advanceTimersByTime(100_000);
    warn.mockClear();
    lines = new StrangerLines(log);
  });
  afterEach(() => void jest.useRealTimers());

  it('keeps half of 600 lines a minute for addresses with few lines, so that a flood cannot hide them', () => {
    expect(admitted(1_000, '192.0.2.1')).toBe(300);
    expect(admitted(20, '192.0.2.2')).toBe(10);
    const others = Array.from({ length: 1_000 }, (_none, index) => admitted(1, `198.51.100.${index}`));
    expect(others.filter(Boolean)).toHaveLength(290);
  });

  it('counts the addresses of one /64 of IPv6 together, which one sender has', () => {
    expect(admitted(1_000, '2001:db8:1:2::1')).toBe(300);
    const others = Array.from({ length: 40 }, (_none, index) => admitted(10, `2001:db8:1:2::1:${index}`));
    expect(others.filter(Boolean)).toEqual([]);
    expect(admitted(20, '2001:db8:1:3::1')).toBe(10);
  });

  it('logs after the minute how many requests it left out, and why they were refused', () => {
    admitted(400, '192.0.2.1');
    expect(lines.admit('192.0.2.1', 'expired')).toBe(false);
    expect(lines.admit('192.0.2.1', undefined)).toBe(false);
    jest.advanceTimersByTime(59_000);
    expect(warn).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2_000);
    expect(warn.mock.calls).toEqual([
      [{ requests: 102, reasons: { missing_token: 100, expired: 1 } }, expect.stringContaining('not logged')],
    ]);
    expect(admitted(10, '192.0.2.1')).toBe(10);
    jest.advanceTimersByTime(61_000);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('logs the number outside of the request that was the first to be left out', () => {
    const requests = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    warn.mockImplementationOnce(() => seen.push(requests.getStore()));
    requests.run('request', () => admitted(400, '192.0.2.1'));
    requests.run('another', () => jest.advanceTimersByTime(61_000));
    expect(seen).toEqual([undefined]);
  });
});
