import { readLifetime } from './token-lifetime.js';

const NOW = 1_800_000_000;
const DAY = 86_400;

describe('readLifetime', () => {
  it.each([
    ['issued now', NOW],
    ['of an issuer whose clock is ahead', NOW + 300],
    ['that has expired', NOW - 2 * DAY],
  ])('accepts a token %s', (_what, iat) => {
    expect(readLifetime({ iat, exp: iat + DAY }, DAY * 1000, NOW * 1000)).toEqual({
      issuedAt: iat,
      expiresAt: iat + DAY,
    });
  });

  it.each([
    ['issued in the future, which would outlive its revocation', NOW + 301, NOW + 302],
    ['that expires before it was issued', NOW + DAY, NOW + 60],
  ])('rejects a token %s', (_what, iat, exp) => {
    expect(() => readLifetime({ iat, exp }, DAY * 1000, NOW * 1000)).toThrow(/issued in the future/);
  });
});
