import { z } from 'zod';

import { aPrincipal } from '../../test/support/principal.js';
import { DeclaredClaims } from './declared-claims.js';
import { Principal } from './principal.js';
import { VerifiedTokens } from './verified-tokens.js';

const principal = (lifetime: number): Principal => aPrincipal({ expiresAt: Date.now() / 1000 + lifetime });

describe('VerifiedTokens', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('caches a token for the configured time, and only that token', () => {
    const tokens = new VerifiedTokens(60_000);
    const caller = principal(3_600);
    tokens.remember('token', caller);
    expect(tokens.recall('token')).toBe(caller);
    expect(tokens.recall('other')).toBeUndefined();
    jest.advanceTimersByTime(59_999);
    expect(tokens.recall('token')).toBe(caller);
    jest.advanceTimersByTime(1);
    expect(tokens.recall('token')).toBeUndefined();
  });

  it('caches a token no longer although the clock of the system is set back', () => {
    const tokens = new VerifiedTokens(60_000);
    tokens.remember('token', principal(2 * 86_400));
    jest.setSystemTime(Date.now() - 86_400_000);
    jest.advanceTimersByTime(59_999);
    expect(tokens.recall('token')).toBeDefined();
    jest.advanceTimersByTime(1);
    expect(tokens.recall('token')).toBeUndefined();
  });

  it('never caches a token past its expiry', () => {
    const tokens = new VerifiedTokens(60_000);
    tokens.remember('token', principal(5));
    jest.advanceTimersByTime(4_999);
    expect(tokens.recall('token')).toBeDefined();
    jest.advanceTimersByTime(1);
    expect(tokens.recall('token')).toBeUndefined();
  });

  it('counts hits and misses of recall, and not of find', () => {
    const tokens = new VerifiedTokens(60_000);
    tokens.remember('token', principal(60));
    ['token', 'token', 'other'].forEach((token) => tokens.recall(token));
    ['token', 'other'].forEach((token) => tokens.find(token));
    expect([tokens.size, tokens.hits, tokens.misses]).toEqual([1, 2, 1]);
  });

  it('forgets all tokens when cleared', () => {
    const tokens = new VerifiedTokens(60_000);
    tokens.remember('token', principal(60));
    tokens.clear();
    expect(tokens.recall('token')).toBeUndefined();
  });

  it('evicts tokens with many scopes sooner than ordinary ones', () => {
    const tokens = new VerifiedTokens(60_000);
    const scopes = Array.from({ length: 400 }, (_none, index) => `scope:${index}`);
    const heavy = aPrincipal({ expiresAt: Date.now() / 1000 + 60, scopes });
    for (let index = 0; index < 1_000; index++) tokens.remember(`token ${index}`, heavy);
    const known = Array.from({ length: 1_000 }, (_none, index) => tokens.recall(`token ${index}`));
    expect(known.filter((one) => one).length).toBeLessThan(200);
    expect(known.at(-1)).toBe(heavy);
  });

  it('evicts tokens with long declared claims sooner than ordinary ones', async () => {
    const tokens = new VerifiedTokens(60_000);
    const declared = new DeclaredClaims({ groups: z.array(z.string()) });
    const groups = Array.from({ length: 100 }, (_none, index) => `group ${index}`);
    const heavy = new Principal(aPrincipal(), undefined, await declared.read({ groups }));
    for (let index = 0; index < 1_000; index++) tokens.remember(`token ${index}`, heavy);
    expect(tokens.recall('token 300')).toBeUndefined();
    expect(tokens.recall('token 999')).toBe(heavy);
  });

  it.each([
    ['a long subject', { subject: 'x'.repeat(8_000) }],
    ['a long token id', { tokenId: 'x'.repeat(8_000) }],
    ['a long scope', { scopes: ['x'.repeat(8_000)] }],
  ])('evicts tokens with %s sooner than ordinary ones', (_what, claims) => {
    const tokens = new VerifiedTokens(60_000);
    const heavy = aPrincipal({ expiresAt: Date.now() / 1000 + 60, ...claims });
    for (let index = 0; index < 1_000; index++) tokens.remember(`token ${index}`, heavy);
    expect(tokens.recall('token 300')).toBeUndefined();
    expect(tokens.recall('token 999')).toBe(heavy);
  });

  it('evicts the oldest token beyond the maximum number', () => {
    const tokens = new VerifiedTokens(60_000);
    const caller = principal(60);
    for (let index = 0; index <= 10_000; index++) tokens.remember(`token-${index}`, caller);
    expect(tokens.recall('token-0')).toBeUndefined();
    expect(tokens.recall('token-10000')).toBe(caller);
  });
});
