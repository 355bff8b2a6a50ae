import type { BudgetState } from './budget-script.js';
import type { Charge } from './charge.js';
import { isLeasable, Lease, type LeaseChange } from './lease.js';

const LIMIT = 10_000;
const CHARGE: Charge = { limit: 'caller', key: 'a', points: 1, rate: { points: LIMIT, window: 60 } };
const of = (points: number): Charge => ({ ...CHARGE, points });
const state = (granted: number, leased: number, window = 'w1'): BudgetState => ({
  granted,
  leased,
  window,
  untilReset: 60_000,
});

describe('isLeasable', () => {
  it.each([
    [1, false],
    [199, false],
    [200, true],
    [1_000_000, true],
  ])('decides on a limit of %i', (limit, expected) => {
    expect(isLeasable(limit)).toBe(expected);
  });
});

describe('Lease', () => {
  let lease: Lease;
  beforeEach(() => {
    lease = new Lease();
  });

  /** Makes the lease hold points, of which Redis knows. */
  const hold = (points: number): void => {
    lease.exchange(1);
    lease.adopt(state(1 + points, points), 0);
  };

  it('has nothing to spend at first', () => {
    expect(lease.spend(CHARGE, 0)).toBeUndefined();
  });

  it('spends its points, and counts what is left as not spent', () => {
    hold(3);
    expect([1, 1, 1, 1].map((points) => lease.spend(of(points), 0)?.remaining)).toEqual([
      LIMIT - 2,
      LIMIT - 3,
      LIMIT - 4,
      undefined,
    ]);
  });

  it('spends nothing after the window has ended, counted from when the request was sent', () => {
    lease.exchange(1);
    lease.adopt(state(11, 10), 5_000);
    expect(lease.spend(CHARGE, 64_999)?.reset).toBe(1);
    expect(lease.spend(CHARGE, 65_000)).toBeUndefined();
  });

  it('asks for more points only after several charges, and once at a time', () => {
    const wants: number[] = [];
    for (let call = 0; call < 4; call++) {
      wants.push(lease.exchange(1).want);
      lease.adopt(state(call, 0), 0);
    }
    wants.push(lease.exchange(1).want, lease.exchange(1).want);
    expect(wants).toEqual([0, 0, 0, 4, 5, 0]);
  });

  it('uses what is left for a charge that needs more', () => {
    hold(3);
    const change = lease.exchange(5);
    expect(change).toMatchObject({ use: 3, gone: 3, window: 'w1' });
    expect(lease.spend(CHARGE, 0)).toBeUndefined();
    lease.keep(change);
    expect(lease.spend(of(3), 0)?.refused).toBe(false);
  });

  it('gives up points whose state is unknown', () => {
    hold(3);
    lease.exchange(5);
    lease.lose();
    expect(lease.spend(CHARGE, 0)).toBeUndefined();
  });

  it('keeps nothing of an earlier window', () => {
    hold(100);
    lease.exchange(101);
    lease.adopt(state(9, 2, 'w2'), 0);
    expect(lease.spend(of(3), 0)).toBeUndefined();
    expect(lease.spend(of(2), 0)?.remaining).toBe(LIMIT - 9);
  });

  const renewed = (): LeaseChange | undefined => lease.renew(0);

  it('takes back a charge, but not in the window after it', () => {
    hold(3);
    const { window } = lease;
    lease.spend(of(2), 0);
    lease.refund(2, window);
    expect(lease.spend(of(3), 0)).toBeDefined();
    lease.exchange(1);
    lease.adopt(state(1, 0, 'w2'), 0);
    lease.refund(3, window);
    expect(lease.spend(CHARGE, 0)).toBeUndefined();
  });

  it('is renewed to what was spent in the last second, and handed back when nothing was', () => {
    hold(100);
    lease.spend(of(60), 0);
    expect(renewed()).toMatchObject({ use: 0, gone: 60, want: 21 });
    expect(renewed()).toBeUndefined(); // until Redis has answered
    lease.adopt(state(122, 21), 0);
    expect(renewed()).toMatchObject({ use: 61, gone: 61, want: 0 });
    lease.adopt(state(61, 0), 0);
    expect(lease.isIdle).toBe(true);
  });

  it('hands back what it holds beyond the use of a second', () => {
    hold(100);
    lease.spend(of(10), 0);
    expect(renewed()).toMatchObject({ use: 79, gone: 89, want: 0 });
  });

  it('is forgotten with its window', () => {
    hold(100);
    expect(lease.renew(60_000)).toBeUndefined();
    expect(lease.renew(61_000)).toBeUndefined();
    expect(lease.isIdle).toBe(true);
  });
});
