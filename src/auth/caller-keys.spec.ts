import { aPrincipal } from '../../test/support/principal.js';
import { callerKeysOf } from './caller-keys.js';
import type { PrincipalClaims } from './principal.js';

const CLAIMS = { issuer: 'https://a.example', organizationId: 'org_1', subject: 'admin', clientId: 'c' };
const keysWith = (claims: Partial<PrincipalClaims> = {}) =>
  callerKeysOf(aPrincipal({ ...CLAIMS, ...claims }));

describe('caller keys', () => {
  it('are equal for every token of the same caller', () => {
    expect(keysWith({ tokenId: 'tkn_2', scopes: ['read'] })).toEqual(keysWith());
  });

  it.each<[string, Partial<PrincipalClaims>, (keyof ReturnType<typeof callerKeysOf>)[]]>([
    ['another issuer', { issuer: 'https://b.example' }, ['caller', 'organization', 'client']],
    ['another organization', { organizationId: 'org_2' }, ['caller', 'organization', 'client']],
    ['no organization', { organizationId: undefined }, ['caller', 'organization', 'client']],
    ['another subject', { subject: 'other' }, ['caller', 'client']],
    ['another client', { clientId: 'd' }, ['client']],
    ['no client', { clientId: undefined }, ['client']],
  ])('differ for %s in exactly the right keys', (_what, claims, different) => {
    const [one, other] = [keysWith(), keysWith(claims)];
    const names = ['caller', 'organization', 'client'] as const;
    expect(names.filter((name) => one[name] !== other[name])).toEqual(different);
  });

  it('cannot be imitated by claims that contain separators, quotes or the word null', () => {
    const all = [
      keysWith({ organizationId: 'a:b', subject: 'c' }),
      keysWith({ organizationId: 'a', subject: 'b:c' }),
      keysWith({ organizationId: 'a","b', subject: 'c' }),
      keysWith({ organizationId: 'a', subject: 'b","c' }),
      keysWith({ organizationId: 'null' }),
      keysWith({ organizationId: undefined }),
      keysWith({ organizationId: '' }),
    ];
    expect(new Set(all.map(({ caller }) => caller)).size).toBe(all.length);
  });

  it('have a fixed length and reveal nothing of the claims', () => {
    const { caller } = keysWith({ subject: 'x'.repeat(10_000) });
    expect(caller).toHaveLength('caller:'.length + 43);
    expect(caller).not.toContain('xx');
  });

  it('are computed once for each Principal', () => {
    const principal = aPrincipal();
    expect(callerKeysOf(principal)).toBe(callerKeysOf(principal));
  });
});
