import { combine, ends, isLive, revoke } from './revocation.js';

const HOUR = 3_600_000;
/** A time in the middle of a second. */
const NOW = 1_800_000_000_500;
const SECOND = 1_800_000_000;
const ALICE = { what: 'subject', id: 'usr_1' } as const;

describe('a revocation', () => {
  const plain = revoke(ALICE, { maxTokenLifetime: 24 * HOUR }, NOW);

  it.each([
    ['long before', SECOND - 3_600, true],
    ['in the second before', SECOND - 1, true],
    ['in the same second, which may have been before', SECOND, true],
    ['in the same second, with a fraction', SECOND + 0.9, true],
    ['in the next second', SECOND + 1, false],
  ])('without a bar on newer tokens, decides on a token issued %s', (_when, issuedAt, refused) => {
    expect(ends(plain, issuedAt, NOW)).toBe(refused);
  });

  it('is kept until every token that it covers has expired', () => {
    // A token may be issued five minutes ahead, and accepted five minutes after its expiry.
    const end = NOW + 24 * HOUR + 10 * 60_000;
    expect(plain.until).toBe(end);
    expect(isLive(plain, end - 1)).toBe(true);
    expect(ends(plain, SECOND, end - 1)).toBe(true);
    expect(isLive(plain, end)).toBe(false);
    expect(ends(plain, SECOND, end)).toBe(false);
  });

  it('covers tokens of an issuer whose clock is ahead by up to the margin, until they expire', () => {
    const generous = revoke(ALICE, { maxTokenLifetime: HOUR, clockMargin: 60_000 }, NOW);
    expect(ends(generous, SECOND + 30, NOW)).toBe(true);
    expect(ends(generous, SECOND + 60, NOW + HOUR + 59_999)).toBe(true);
    expect(ends(generous, SECOND + 61, NOW)).toBe(false);
  });

  it('rejects newer tokens for a limited time, and older ones beyond it', () => {
    const barring = revoke(ALICE, { maxTokenLifetime: 24 * HOUR, barNewerFor: HOUR }, NOW);
    expect(ends(barring, SECOND + 60, NOW + HOUR - 1)).toBe(true);
    expect(ends(barring, SECOND + 60, NOW + HOUR)).toBe(false);
    expect(ends(barring, SECOND, NOW + HOUR)).toBe(true);
    expect(ends(barring, SECOND, NOW + 24 * HOUR + 10 * 60_000)).toBe(false);
  });

  it('can reject newer tokens for longer than the maximum token lifetime', () => {
    const barring = revoke(ALICE, { maxTokenLifetime: HOUR, barNewerFor: 24 * HOUR }, NOW);
    expect(ends(barring, SECOND + 23 * 3_600, NOW + 24 * HOUR - 1)).toBe(true);
  });

  it('keeps its restrictions when it is combined', () => {
    const restricted = { ...ALICE, organization: 'org_1', issuer: 'https://issuer.example' };
    const made = revoke(restricted, { maxTokenLifetime: HOUR }, NOW);
    expect(made).toMatchObject(restricted);
    expect(combine(made, made)).toEqual(made);
  });

  it('is never weakened by another revocation of the same tokens', () => {
    const barring = revoke(ALICE, { maxTokenLifetime: HOUR, barNewerFor: 24 * HOUR }, NOW);
    const later = revoke(ALICE, { maxTokenLifetime: HOUR }, NOW + HOUR);
    for (const combined of [combine(barring, later), combine(later, barring)]) {
      expect(combined).toEqual({
        ...ALICE,
        revokedAt: NOW + HOUR,
        barsNewerUntil: NOW + 24 * HOUR,
        until: NOW + 24 * HOUR,
      });
    }
    expect(combine(later, later)).toEqual(later);
  });
});
