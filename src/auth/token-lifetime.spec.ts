import { readLifetime } from './token-lifetime.js';

const NOW = 1_800_000_000;
const DAY = 86_400;

describe('readLifetime', () => {
  it.each([
    ['of now', NOW],
    ['whose issuer’s clock runs ahead', NOW + 300],
    ['that has expired', NOW - 2 * DAY],
  ])('takes a token %s', (_what, iat) => {
    expect(readLifetime({ iat, exp: iat + DAY }, DAY * 1000, NOW * 1000)).toEqual({
      issuedAt: iat,
      expiresAt: iat + DAY,
    });
  });

  it.each([
    ['of a time to come, which would outlive its revocation', NOW + 301, NOW + 302],
    ['that expires before it was issued', NOW + DAY, NOW + 60],
  ])('refuses a token %s', (_what, iat, exp) => {
    expect(() => readLifetime({ iat, exp }, DAY * 1000, NOW * 1000)).toThrow(/issued in the future/);
  });
});
