import { callerKeysOf } from '../auth/caller-keys.js';
import type { Principal, PrincipalClaims } from '../auth/principal.js';
import { aPrincipal } from '../../test/support/principal.js';
import { chargesFor } from './charge.js';

const perMinute = (points: number): { points: number; window: number } => ({ points, window: 60 });

const principal = (subject = 'usr_1', clientId = 'skc_1', organizationId?: string): Principal =>
  aPrincipal({ subject, clientId, organizationId });

const ALL = { caller: perMinute(10), organization: perMinute(100), tool: perMinute(5) };
const NONE = { caller: undefined, organization: undefined, tool: undefined };
const call = (name: string, points = 1, rate?: { points: number; window: number }) => ({
  points,
  tool: { name, rate },
});

describe('chargesFor', () => {
  it('charges the caller for the tool, the caller, and the organisation, narrowest first', () => {
    const member = principal('usr_1', 'skc_1', 'org_1');
    const { caller, organization } = callerKeysOf(member);
    expect(chargesFor(member, [call('add', 5)], ALL)).toEqual([
      { limit: 'tool', key: `tool:add:${caller}`, rate: perMinute(5), points: 5, tool: 'add' },
      { limit: 'caller', key: caller, rate: perMinute(10), points: 5 },
      { limit: 'organization', key: organization, rate: perMinute(100), points: 5 },
    ]);
  });

  it('sums up a batch, once for each budget', () => {
    const batch = [call('add', 2), { points: 1 }, call('greet'), call('add', 2)];
    const charges = chargesFor(principal('usr_1', 'skc_1', 'org_1'), batch, ALL);
    expect(charges.map(({ limit, tool, points }) => [limit, tool, points])).toEqual([
      ['tool', 'add', 4],
      ['tool', 'greet', 1],
      ['caller', undefined, 6],
      ['organization', undefined, 6],
    ]);
  });

  it('takes the tool’s own rate before the configured one', () => {
    const own = { points: 1, window: 3_600 };
    expect(chargesFor(principal(), [call('add', 1, own)], ALL)[0]?.rate).toBe(own);
    expect(chargesFor(principal(), [call('add', 1, own)], NONE)).toHaveLength(1);
  });

  it('touches nothing that has no limit', () => {
    expect(chargesFor(principal(), [call('add'), { points: 1 }], NONE)).toEqual([]);
    const withoutOrganization = chargesFor(principal(), [{ points: 1 }], ALL);
    expect(withoutOrganization.map(({ limit }) => limit)).toEqual(['caller']);
  });

  it('takes a person for one caller, through whatever client', () => {
    const [one, same, other] = [principal('a', 'x'), principal('a', 'y'), principal('b', 'x')].map(
      (caller) => chargesFor(caller, [{ points: 1 }], ALL)[0]?.key,
    );
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it('keeps equal names of other organizations and issuers apart', () => {
    const keysOf = (claims: Partial<PrincipalClaims>) =>
      chargesFor(aPrincipal({ subject: 'admin', organizationId: 'org_1', ...claims }), [call('add')], ALL);
    const callers = [{}, { organizationId: 'org_2' }, { issuer: 'https://other.example' }].map(keysOf);
    expect(new Set(callers.flat().map(({ key }) => key)).size).toBe(9);
  });
});
