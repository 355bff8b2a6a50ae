import { callerKeysOf } from '../auth/caller-keys.js';
import type { Principal, PrincipalClaims } from '../auth/principal.js';
import { aPrincipal } from '../../test/support/principal.js';
import { chargesFor, offerChargesFor } from './charge.js';

const perMinute = (points: number): { points: number; window: number } => ({ points, window: 60 });

const principal = (subject = 'usr_1', clientId = 'skc_1', organizationId?: string): Principal =>
  aPrincipal({ subject, clientId, organizationId });

const LIMIT = perMinute(5);
const ALL = { caller: perMinute(10), organization: perMinute(100) };
const NONE = { caller: undefined, organization: undefined };
const call = (name: string, points = 1, rate?: { points: number; window: number }) => ({
  points,
  offer: { kind: 'tool', name, rate } as const,
});

describe('chargesFor', () => {
  it('charges the caller, then its organization', () => {
    const member = principal('usr_1', 'skc_1', 'org_1');
    const { caller, organization } = callerKeysOf(member);
    expect(chargesFor(member, 5, ALL)).toEqual([
      { limit: 'caller', key: caller, rate: perMinute(10), points: 5 },
      { limit: 'organization', key: organization, rate: perMinute(100), points: 5 },
    ]);
  });

  it('charges no budget without a limit', () => {
    expect(chargesFor(principal('usr_1', 'skc_1', 'org_1'), 1, NONE)).toEqual([]);
    expect(chargesFor(principal(), 1, ALL).map(({ limit }) => limit)).toEqual(['caller']);
  });

  it('counts a subject as one caller across clients', () => {
    const [one, same, other] = [principal('a', 'x'), principal('a', 'y'), principal('b', 'x')].map(
      (caller) => chargesFor(caller, 1, ALL)[0]?.key,
    );
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it('counts equal subjects of different organizations and issuers separately', () => {
    const keysOf = (claims: Partial<PrincipalClaims>): string[] => {
      const admin = aPrincipal({ subject: 'admin', organizationId: 'org_1', ...claims });
      return [...chargesFor(admin, 1, ALL), ...offerChargesFor(admin, [call('add')], LIMIT)].map(
        ({ key }) => key,
      );
    };
    const callers = [{}, { organizationId: 'org_2' }, { issuer: 'https://other.example' }].flatMap(keysOf);
    expect(new Set(callers).size).toBe(9);
  });
});

describe('offerChargesFor', () => {
  it('charges the caller once for each tool, with the sum of its calls', () => {
    const { caller } = callerKeysOf(principal());
    const batch = [call('add', 2), { points: 1 }, call('greet'), call('add', 2)];
    expect(offerChargesFor(principal(), batch, LIMIT)).toEqual([
      { limit: 'tool', key: `tool:add:${caller}`, rate: LIMIT, points: 4, offer: 'add' },
      { limit: 'tool', key: `tool:greet:${caller}`, rate: LIMIT, points: 1, offer: 'greet' },
    ]);
  });

  it('prefers the rate of the tool to the configured one', () => {
    const own = { points: 1, window: 3_600 };
    expect(offerChargesFor(principal(), [call('add', 1, own)], LIMIT)[0]?.rate).toBe(own);
    expect(offerChargesFor(principal(), [call('add', 1, own)], undefined)).toHaveLength(1);
    expect(offerChargesFor(principal(), [call('add')], undefined)).toEqual([]);
  });

  it('charges resources and prompts for a rate of their own only, apart from a tool of the same name', () => {
    const { caller } = callerKeysOf(principal());
    const use = (kind: 'resource' | 'prompt', rate?: typeof LIMIT) => ({
      points: 2,
      offer: { kind, name: 'add', rate },
    });
    const costs = [call('add'), use('resource'), use('resource', LIMIT), use('prompt', LIMIT)];
    expect(
      offerChargesFor(principal(), costs, LIMIT).map(({ limit, key, points }) => [limit, key, points]),
    ).toEqual([
      ['tool', `tool:add:${caller}`, 1],
      ['resource', `resource:add:${caller}`, 2],
      ['prompt', `prompt:add:${caller}`, 2],
    ]);
  });
});
