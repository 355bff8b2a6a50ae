import crypto from 'node:crypto';

import { TokenDigests } from './token-digests.js';

describe('TokenDigests', () => {
  let computed: jest.SpyInstance;
  let digests: TokenDigests;
  beforeEach(() => {
    jest.useFakeTimers();
    computed = jest.spyOn(crypto, 'hash');
    digests = new TokenDigests();
  });
  afterEach(() => jest.useRealTimers());

  /** Tokens of random signatures. */
  const tokens = Array.from(
    { length: 1_000 },
    () => `head.claims.${crypto.randomBytes(256).toString('base64url')}`,
  );

  it.each(['', 'a', 'ab', 'token', 'tokem', 'ü🪶'])('returns the SHA-256 of %j', (token) => {
    const expected = crypto.createHash('sha256').update(token).digest('base64');
    expect([digests.of(token), digests.of(token)]).toEqual([expected, expected]);
    expect(computed).toHaveBeenCalledTimes(1);
  });

  it('never returns the digest of another token, also if they share a slot', () => {
    const one = tokens.map((token) => digests.of(token));
    expect(new Set(one).size).toBe(tokens.length);
    expect(tokens.map((token) => digests.of(token))).toEqual(one);
  });

  it('keeps no more than 128 tokens', () => {
    for (const token of tokens) digests.of(token);
    computed.mockClear();
    for (const token of tokens.toReversed()) digests.of(token);
    const kept = tokens.length - computed.mock.calls.length;
    expect(kept).toBeGreaterThan(50);
    expect(kept).toBeLessThanOrEqual(128);
  });

  it('forgets a token after ten seconds, also one that is used all the time', () => {
    digests.of('token');
    for (let second = 0; second < 10; second++) {
      jest.advanceTimersByTime(1_000);
      digests.of('token');
    }
    expect(computed).toHaveBeenCalledTimes(2);
    jest.advanceTimersByTime(10_000);
    expect(jest.getTimerCount()).toBe(0);
    digests.of('token');
    expect(computed).toHaveBeenCalledTimes(3);
  });
});
