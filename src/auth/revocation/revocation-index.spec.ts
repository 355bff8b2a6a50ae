import { aPrincipal } from '../../../test/support/principal.js';
import type { PrincipalClaims } from '../principal.js';
import { revoke, type Selector } from './revocation.js';
import { RevocationIndex } from './revocation-index.js';

const CLAIMS = {
  issuer: 'https://a.example',
  organizationId: 'org_1',
  subject: 'usr_1',
  clientId: 'skc_1',
  tokenId: 'tkn_1',
};
const ALICE = { what: 'subject', id: 'usr_1' } as const;
const indexOf = (...selectors: Selector[]): RevocationIndex =>
  new RevocationIndex(selectors.map((selector) => revoke(selector, { maxTokenLifetime: 60_000 })));
const covers = (selectors: Selector | Selector[], claims: Partial<PrincipalClaims> = {}): boolean =>
  indexOf(...[selectors].flat()).covers(aPrincipal({ ...CLAIMS, ...claims }));

describe('RevocationIndex', () => {
  it.each<Selector>([
    { what: 'token', id: 'tkn_1' },
    ALICE,
    { what: 'client', id: 'skc_1' },
    { what: 'organization', id: 'org_1' },
    { what: 'token', id: 'tkn_1', issuer: 'https://a.example' },
    { ...ALICE, issuer: 'https://a.example' },
    { ...ALICE, organization: 'org_1' },
    { ...ALICE, organization: 'org_1', issuer: 'https://a.example' },
    { what: 'client', id: 'skc_1', organization: 'org_1' },
    { what: 'organization', id: 'org_1', issuer: 'https://a.example' },
  ])('covers a caller by %j', (selector) => {
    expect(covers(selector)).toBe(true);
  });

  it.each<Selector>([
    { what: 'token', id: 'tkn_2' },
    { what: 'client', id: 'usr_1' },
    { ...ALICE, issuer: 'https://b.example' },
    { ...ALICE, organization: 'org_2' },
    { ...ALICE, organization: 'org_1', issuer: 'https://b.example' },
    { ...ALICE, organization: 'org_2', issuer: 'https://a.example' },
    { what: 'organization', id: 'org_1', issuer: 'https://b.example' },
  ])('does not cover a caller by %j', (selector) => {
    expect(covers(selector)).toBe(false);
  });

  it('covers a subject in any organization and issuer if the revocation is not restricted', () => {
    expect(covers(ALICE, { issuer: 'https://b.example' })).toBe(true);
    expect(covers(ALICE, { organizationId: 'org_2' })).toBe(true);
    expect(covers(ALICE, { organizationId: undefined })).toBe(true);
  });

  it('does not match a caller without an organization to a restricted revocation', () => {
    expect(covers({ ...ALICE, organization: 'null' }, { organizationId: undefined })).toBe(false);
  });

  it('keeps several revocations of one subject separate', () => {
    const several = [
      { ...ALICE, organization: 'org_2' },
      { ...ALICE, organization: 'org_3', issuer: 'https://a.example' },
    ];
    expect(covers(several)).toBe(false);
    expect(covers(several, { organizationId: 'org_2' })).toBe(true);
    expect(covers(several, { organizationId: 'org_3' })).toBe(true);
    expect(indexOf(...several).size).toBe(2);
  });

  it('ignores claims that the token does not have', () => {
    const bare = { clientId: undefined, organizationId: undefined, tokenId: undefined };
    expect(covers([{ what: 'client', id: 'undefined' }], bare)).toBe(false);
  });
});
