import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';

import { callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { Reloads } from '../config/reloads.js';
import type { Redis } from '../redis/redis.js';
import { REDIS } from '../redis/redis.module.js';
import { ENDPOINT } from '../routes/endpoint-name.js';
import { type Allowance, allowanceOf, tightestOf } from './allowance.js';
import { type Charge, chargesFor, type Cost, isImpossible, offerChargesFor } from './charge.js';
import type { Counter } from './counter.js';
import { createCounter } from './create-counter.js';
import { keysOf } from './endpoint-keys.js';

/** Points that every request costs, even a failed one. They are charged before its body is read. */
const BASE = 1;

/** Charges the budgets of callers, of organizations, and of each caller for each tool, resource or prompt. */
@Injectable()
export class CallLimits implements BeforeApplicationShutdown {
  readonly #counter: Counter;
  #limits: Configuration['limits'];

  constructor(
    @Inject(CONFIGURATION) { limits }: Configuration,
    @Inject(REDIS) redis: Redis | undefined,
    @Inject(ENDPOINT) endpoint: string,
    reloads: Reloads,
  ) {
    this.#limits = limits;
    reloads.on(['RATE_LIMIT_CALLER', 'RATE_LIMIT_ORGANIZATION', 'RATE_LIMIT_TOOL'], (next) => {
      this.#limits = next.limits;
    });
    this.#counter = createCounter(redis, {
      prefix: `aerie:${keysOf(endpoint)}limit:`,
      isExact: limits.isExact,
    });
  }

  /** Returns leased points to the other instances, while Redis is still connected. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#counter.close?.();
  }

  /** Whether Redis does not answer, so that this instance counts on its own. */
  get isDegraded(): boolean {
    return this.#counter.isDegraded ?? false;
  }

  /**
   * Charges the point that every request costs. The charge is final.
   *
   * @returns the allowance of each budget, or only the one that refuses
   */
  begin(principal: Principal): readonly Allowance[] | Promise<readonly Allowance[]> {
    return this.#pay(principal, chargesFor(principal, BASE, this.#limits));
  }

  /**
   * Charges the rest of a request's cost, all or nothing. The narrowest budget comes first, so that a caller beyond
   * their own limit does not use up the budget of their organization.
   *
   * @param begun allowances that {@link begin} returned
   * @returns the tightest allowance; undefined without limits
   */
  settle(
    principal: Principal,
    costs: readonly Cost[],
    begun: readonly Allowance[],
  ): Allowance | undefined | Promise<Allowance | undefined> {
    const limits = this.#limits;
    const points = costs.reduce((sum, cost) => sum + cost.points, 0);
    const rest = offerChargesFor(principal, costs, limits.tool);
    if (points > BASE) rest.push(...chargesFor(principal, points, limits));
    if (rest.length === 0) return tightestOf(begun);
    const impossible = rest.find(isImpossible);
    if (impossible) return allowanceOf(impossible, impossible.points, 0);
    const isChargedAgain = points > BASE;
    const paid = this.#pay(principal, isChargedAgain ? rest.map(withoutBase) : rest);
    const others = isChargedAgain
      ? begun.filter(({ charge }) => !rest.some(({ key }) => key === charge.key))
      : begun;
    return paid instanceof Promise
      ? paid.then((allowances) => settled(allowances, others))
      : settled(paid, others);
  }

  #pay(
    principal: Principal,
    charges: readonly Charge[],
  ): readonly Allowance[] | Promise<readonly Allowance[]> {
    return this.#counter.charge(charges, callerKeysOf(principal).group);
  }
}

/** Returns the refusal, which is the only allowance that is paid then, or the tightest allowance. */
const settled = (paid: readonly Allowance[], others: readonly Allowance[]): Allowance | undefined =>
  paid[0]?.refused ? paid[0] : tightestOf(paid, others);

/** Subtracts the points that {@link CallLimits.begin} has charged. It does not charge budgets of offers. */
const withoutBase = (charge: Charge): Charge =>
  charge.offer !== undefined ? charge : { ...charge, points: charge.points - BASE };
