import { aPrincipal } from '../../../test/support/principal.js';
import { audienceOf, isAmong } from './audience.js';

const alice = aPrincipal({ subject: 'usr_alice', organizationId: 'org_acme' });
const colleague = aPrincipal({ subject: 'usr_carol', organizationId: 'org_acme' });
const stranger = aPrincipal({ subject: 'usr_alice', organizationId: 'org_globex' });
const single = aPrincipal({ subject: 'usr_alice' });

describe('an audience', () => {
  it('of a caller with an organization is exactly that organization', () => {
    const audience = audienceOf(alice);
    expect([alice, colleague, stranger, single].map((who) => isAmong(audience, who))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('of a caller without an organization is exactly that caller', () => {
    const audience = audienceOf(single);
    expect(isAmong(audience, single)).toBe(true);
    expect(isAmong(audience, aPrincipal({ subject: 'usr_bob' }))).toBe(false);
    expect(isAmong(audience, alice)).toBe(false);
    expect(isAmong(audience, aPrincipal({ issuer: 'https://other.example', subject: 'usr_alice' }))).toBe(
      false,
    );
  });

  it('of an organization is the same for all issuers', () => {
    const machine = aPrincipal({ issuer: 'https://other.example', organizationId: 'org_acme' });
    expect(isAmong(audienceOf(alice), machine)).toBe(true);
  });

  it('of everybody is everybody', () => {
    expect([alice, stranger, single].every((who) => isAmong('everybody', who))).toBe(true);
  });
});
