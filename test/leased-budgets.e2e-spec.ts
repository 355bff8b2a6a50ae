import { setTimeout as pause } from 'node:timers/promises';

import type { Allowance } from '../src/limits/allowance.js';
import type { Charge } from '../src/limits/charge.js';
import type { Counter } from '../src/limits/counter.js';
import { LeasedCounter } from '../src/limits/leased-counter.js';
import { connect } from '../src/redis/connect.js';
import type { Redis } from '../src/redis/redis.js';
import { whenReady } from '../src/redis/when-ready.js';
import { redisSettings, type RedisServer, startRedis } from './support/redis.js';

const TAG = 'organization';

/** Everything but intervals, which renew leases. */
const REAL_CLOCK = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
] as const;

/** Instances that share budgets in a real Redis. Each has its own connection and counter. */
describe('budgets that instances lease', () => {
  let server: RedisServer;
  let connections: Redis[] = [];
  let keys = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  afterEach(() => {
    connections.forEach((redis) => redis.disconnect());
    connections = [];
  });

  // Without the fallback to memory, which a busy machine would use.
  const instance = async (isExact = false): Promise<Counter> => {
    const redis = connect(redisSettings(server.url));
    connections.push(redis);
    await whenReady(redis, 5_000);
    const counter = new LeasedCounter(redis, { prefix: 'test:', isExact });
    return {
      charge: (charges, tag) => counter.charge(charges, (rest) => counter.ask(rest, tag)),
      close: () => counter.close(),
    };
  };
  const instances = (count: number, isExact = false): Promise<Counter[]> =>
    Promise.all(Array.from({ length: count }, () => instance(isExact)));
  const budgetOf = (points: number, window = 60): Charge => ({
    limit: 'caller',
    key: `budget ${keys++}`,
    points: 1,
    rate: { points, window },
  });
  const tell = (charge: Charge, points: number): Charge => ({ ...charge, points });
  const first = (allowances: readonly Allowance[]): Allowance => {
    const [allowance] = allowances;
    if (!allowance) throw new Error('No allowance.');
    return allowance;
  };
  /** Charges until the budget refuses several times, with some concurrency. Returns the number of admitted points. */
  const exhaust = async (counter: Counter, charge: Charge, costs = [1]): Promise<number> => {
    let [admitted, refusals] = [0, 0];
    const lane = async (offset: number): Promise<void> => {
      for (let call = offset; refusals < 20; call++) {
        const points = costs[call % costs.length] ?? 1;
        const { refused } = first(await counter.charge([tell(charge, points)], TAG));
        if (!refused) admitted += points;
        else if (points === 1) refusals++;
      }
    };
    await Promise.all([0, 1, 2, 3].map(lane));
    return admitted;
  };
  const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
  const commands = async (): Promise<number> => {
    const info = (await connections[0]?.info('commandstats')) ?? '';
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(info)?.[1] ?? 0);
  };

  it.each([
    [1, 1],
    [7, 2],
    [120, 3],
    [199, 5],
    [200, 2],
    [1_200, 3],
    [5_000, 5],
    [20_000, 2],
  ])('admits a limit of %i through %i instances, never more and at most 1 %% less', async (limit, count) => {
    const charge = budgetOf(limit);
    const admitted = total(
      await Promise.all((await instances(count)).map((counter) => exhaust(counter, charge))),
    );
    expect(admitted).toBeLessThanOrEqual(limit);
    expect(admitted).toBeGreaterThanOrEqual(limit < 200 ? limit : limit * 0.99);
  });

  it('admits no more than the limit when calls have different costs', async () => {
    const charge = budgetOf(3_000);
    const counters = await instances(3);
    const admitted = total(
      await Promise.all(counters.map((counter, index) => exhaust(counter, charge, [1, 2, 5 + index]))),
    );
    expect(admitted).toBeLessThanOrEqual(3_000);
    expect(admitted).toBeGreaterThanOrEqual(2_970);
  });

  it('admits exactly the limit without leases', async () => {
    const charge = budgetOf(5_000);
    const counters = await instances(3, true);
    expect(total(await Promise.all(counters.map((counter) => exhaust(counter, charge))))).toBe(5_000);
  });

  it('asks Redis for few of the calls', async () => {
    const charge = budgetOf(1_000_000);
    const [counter] = await instances(1);
    const before = await commands();
    let remaining = Infinity;
    for (let call = 0; call < 10_000; call++) {
      const allowance = first((await counter?.charge([charge], TAG)) ?? []);
      expect(allowance.remaining).toBeLessThanOrEqual(remaining);
      remaining = allowance.remaining;
    }
    expect((await commands()) - before).toBeLessThan(100);
    expect(remaining).toBe(1_000_000 - 10_000);
  });

  it('charges all budgets of a call in one round trip, or none of them', async () => {
    const [narrow, wide] = [budgetOf(10), budgetOf(100_000)];
    const [counter, other] = await instances(2);
    const before = await commands();
    let refused = 0;
    for (let call = 0; call < 30; call++) {
      const allowances = (await counter?.charge([narrow, wide], TAG)) ?? [];
      if (allowances[0]?.refused) refused++;
    }
    expect((await commands()) - before).toBe(30);
    expect(refused).toBe(20);
    await counter?.close?.();
    expect(first((await other?.charge([wide], TAG)) ?? []).remaining).toBe(100_000 - 11);
  });

  it('returns the lease of an instance that stops', async () => {
    const charge = budgetOf(10_000);
    const [counter, other] = await instances(2);
    for (let call = 0; call < 500; call++) await counter?.charge([charge], TAG);
    await counter?.close?.();
    expect(first((await other?.charge([charge], TAG)) ?? []).remaining).toBe(10_000 - 501);
  });

  it('returns the lease of a budget that nobody uses anymore', async () => {
    jest.useFakeTimers({ doNotFake: [...REAL_CLOCK] });
    const charge = budgetOf(10_000);
    const [counter, other] = await instances(2);
    for (let call = 0; call < 500; call++) await counter?.charge([charge], TAG);
    expect(first((await other?.charge([charge], TAG)) ?? []).remaining).toBeLessThan(10_000 - 501);
    for (let second = 0; second < 2; second++) {
      jest.advanceTimersByTime(1_000);
      await pause(20); // until Redis has answered
    }
    expect(first((await other?.charge([charge], TAG)) ?? []).remaining).toBe(10_000 - 502);
    jest.useRealTimers();
  });

  it('spends nothing of its lease once a reload has changed the limit', async () => {
    const charge = budgetOf(1_000_000);
    const [counter, other] = await instances(2);
    for (let call = 0; call < 2_000; call++) await counter?.charge([charge], TAG);
    for (let call = 0; call < 3_000; call++) await other?.charge([charge], TAG);
    const before = await commands();
    for (let call = 0; call < 100; call++) await counter?.charge([charge], TAG);
    expect(await commands()).toBe(before); // paid from the lease

    // More than this instance knows to be spent.
    const lowered = { ...charge, rate: { ...charge.rate, points: 4_500 } };
    for (let call = 0; call < 10; call++) {
      expect(first((await counter?.charge([lowered], TAG)) ?? []).refused).toBe(true);
    }
    expect(await commands()).toBe(before + 10);
    const { refused, remaining } = first((await counter?.charge([charge], TAG)) ?? []);
    expect(refused).toBe(false);
    expect(remaining).toBeLessThan(1_000_000 - 5_100);
  });

  it('loses at most 1 % when an instance is killed', async () => {
    const charge = budgetOf(10_000);
    const [killed, ...others] = await instances(3);
    for (let call = 0; call < 3_000; call++) await killed?.charge([charge], TAG);
    connections[0]?.disconnect();
    const admitted = 3_000 + total(await Promise.all(others.map((counter) => exhaust(counter, charge))));
    expect(admitted).toBeLessThanOrEqual(10_000);
    expect(admitted).toBeGreaterThanOrEqual(9_900);
  });

  it('begins a new window with the whole limit, however much of the lease is left', async () => {
    const charge = budgetOf(2_000, 1);
    const counters = await instances(2);
    const spend = async (): Promise<number> =>
      total(await Promise.all(counters.map((counter) => exhaust(counter, charge))));
    expect(await spend()).toBeGreaterThanOrEqual(1_980);
    const refusal = first((await counters[0]?.charge([charge], TAG)) ?? []);
    expect(refusal).toMatchObject({ refused: true, remaining: 0, reset: 1 });
    await pause(1_050);
    const second = await spend();
    expect(second).toBeGreaterThanOrEqual(1_980);
    expect(second).toBeLessThanOrEqual(2_000);
  });

  it('counts anew when Redis has lost its data, and sends the script again', async () => {
    const charge = budgetOf(1_000);
    const [counter] = await instances(1);
    for (let call = 0; call < 600; call++) await counter?.charge([charge], TAG);
    await connections[0]?.flushall();
    await connections[0]?.script('FLUSH');
    const admitted = await exhaust(counter ?? (await instance()), charge);
    expect(admitted).toBeGreaterThanOrEqual(990);
    expect(admitted).toBeLessThanOrEqual(1_010);
  });
});
