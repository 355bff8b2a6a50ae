import { randomUUID } from 'node:crypto';

import type { Redis } from '../redis/redis.js';
import { type Allowance, allowanceOf } from './allowance.js';
import { type BudgetAnswer, type BudgetRequest, chargeBudgets } from './budget-script.js';
import type { Charge } from './charge.js';
import { isLeasable, Lease, type LeaseChange, NO_LEASE } from './lease.js';

/** Interval of renewals: unused points return to the other instances after one or two of them. */
const RENEWAL_INTERVAL_MS = 1_000;

export interface LeasedCounterOptions {
  /** Prefix of the keys in Redis. */
  readonly prefix: string;
  /** Counts every call in Redis, without leases. */
  readonly isExact: boolean;
}

/** Lease of a budget, with its key and limit for renewals. */
interface LeasedBudget {
  readonly lease: Lease;
  readonly key: string;
  /** Rate of the lease. A reload of the configuration can change that of the charges. */
  readonly rate: Charge['rate'];
}

/** Charge that is counted in Redis. */
interface Asked {
  readonly charge: Charge;
  readonly budget: LeasedBudget | undefined;
  readonly change: LeaseChange;
  readonly request: BudgetRequest;
}

/**
 * Counts in Redis, together with other instances. Charges of large budgets are paid from leases, without a round trip.
 * All other charges of a call take one round trip.
 */
export class LeasedCounter {
  readonly #budgets = new Map<string, LeasedBudget>();
  readonly #id = randomUUID();
  #requests = 0;
  #renewals: NodeJS.Timeout | undefined;
  #canLease: boolean;

  constructor(
    private readonly redis: Redis,
    private readonly options: LeasedCounterOptions,
  ) {
    this.#canLease = !options.isExact;
    if (this.#canLease) this.#renewals = setInterval(() => this.#renew(), RENEWAL_INTERVAL_MS).unref();
  }

  /**
   * Charges all budgets, or none: from leases those that have enough points, the others by `ask`.
   *
   * @param ask usually {@link ask}
   */
  charge(
    charges: readonly Charge[],
    ask: (rest: readonly Charge[]) => Promise<readonly Allowance[]>,
  ): readonly Allowance[] | Promise<readonly Allowance[]> {
    if (charges.length === 0) return [];
    if (this.#budgets.size === 0) return ask(charges);
    const now = performance.now();
    const paid: Allowance[] = [];
    const rest: Charge[] = [];
    for (const charge of charges) {
      const budget = this.#budgets.get(charge.key);
      const allowance =
        budget && isSame(budget.rate, charge.rate) ? budget.lease.spend(charge, now) : undefined;
      if (allowance) paid.push(allowance);
      else rest.push(charge);
    }
    return rest.length === 0 ? paid : this.#chargeRest(rest, paid, ask);
  }

  /**
   * Charges budgets in Redis, all or nothing.
   *
   * @param tag see `Counter.charge`
   * @returns the allowance of each budget, or only the first one that refuses
   */
  async ask(charges: readonly Charge[], tag: string): Promise<Allowance[]> {
    const asked = charges.map((charge) => this.#toAsk(charge, tag));
    const sentAt = performance.now();
    const answer = await this.#send(asked);
    if (answer.isRefused) {
      for (const { budget, change } of asked) budget?.lease.keep(change);
      return asked
        .slice(answer.refusedAt, answer.refusedAt + 1)
        .map(({ charge }) => allowanceOf(charge, charge.rate.points + 1, answer.untilReset));
    }
    return asked.flatMap(({ charge, budget }, index) => {
      const state = answer.states[index];
      if (!state) return [];
      if (!budget) return [allowanceOf(charge, state.granted, state.untilReset)];
      budget.lease.adopt(state, sentAt);
      return [budget.lease.allowanceOf(charge, state.untilReset)];
    });
  }

  /** Hands back all leases. Calls that are still served are counted in Redis one by one. */
  async close(): Promise<void> {
    clearInterval(this.#renewals);
    this.#canLease = false;
    const budgets = [...this.#budgets.values()];
    this.#budgets.clear();
    await Promise.allSettled(budgets.map((budget) => this.#change(budget, budget.lease.end())));
  }

  async #chargeRest(
    rest: readonly Charge[],
    paid: readonly Allowance[],
    ask: (rest: readonly Charge[]) => Promise<readonly Allowance[]>,
  ): Promise<readonly Allowance[]> {
    const spent = paid.flatMap(({ charge: { key, points } }) => {
      const lease = this.#budgets.get(key)?.lease;
      return lease ? [{ lease, points, window: lease.window }] : [];
    });
    const allowances = await ask(rest);
    if (!allowances.some(({ refused }) => refused)) return [...paid, ...allowances];
    for (const { lease, points, window } of spent) lease.refund(points, window);
    return allowances;
  }

  #toAsk(charge: Charge, tag: string): Asked {
    const key = `${this.options.prefix}{${tag}}${charge.key}`;
    const budget = this.#canLease && isLeasable(charge.rate.points) ? this.#budgetOf(charge, key) : undefined;
    const change = budget?.lease.exchange(charge.points) ?? NO_LEASE;
    // Points of the lease that are used need not be charged again, so `use` stays in the request.
    const request = { key, limit: charge.rate.points, seconds: charge.rate.window, need: charge.points };
    return { charge, budget, change, request: { ...request, ...change } };
  }

  #budgetOf({ key, rate }: Charge, redisKey: string): LeasedBudget {
    let budget = this.#budgets.get(key);
    // A reload has changed the limit: the points of the old lease count as spent until the window ends.
    if (!budget || !isSame(budget.rate, rate))
      this.#budgets.set(key, (budget = { lease: new Lease(), key: redisKey, rate }));
    return budget;
  }

  async #send(asked: readonly Asked[]): Promise<BudgetAnswer> {
    try {
      return await this.#charge(asked.map(({ request }) => request));
    } catch (error) {
      for (const { budget } of asked) budget?.lease.lose();
      throw error;
    }
  }

  #charge(requests: readonly BudgetRequest[]): Promise<BudgetAnswer> {
    return chargeBudgets(this.redis, requests, `${this.#id}:${this.#requests++}`);
  }

  #renew(): void {
    const now = performance.now();
    const canAsk = this.redis.status === 'ready';
    for (const [key, budget] of this.#budgets) {
      const change = canAsk ? budget.lease.renew(now) : undefined;
      if (change) void this.#change(budget, change);
      else if (budget.lease.isIdle) this.#budgets.delete(key);
    }
  }

  async #change({ lease, key, rate }: LeasedBudget, change: LeaseChange): Promise<void> {
    const sentAt = performance.now();
    const request = { key, limit: rate.points, seconds: rate.window, need: 0, ...change };
    try {
      const answer = await this.#charge([request]);
      const [state] = answer.isRefused ? [] : answer.states;
      if (state) lease.adopt(state, sentAt);
      else lease.keep(change);
    } catch {
      lease.lose();
    }
  }
}

const isSame = (one: Charge['rate'], other: Charge['rate']): boolean =>
  one.points === other.points && one.window === other.window;
