import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';

import type { Principal } from '../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { REDIS } from '../redis/redis.module.js';
import { type Allowance, allowanceOf, tightestOf } from './allowance.js';
import { type Charge, chargesFor, type Cost, toolChargesFor } from './charge.js';
import type { Counter } from './counter.js';
import { createCounter } from './create-counter.js';

/** Points that every request costs, whatever becomes of it: paid before its body is read. */
const BASE = 1;

/** Budgets for each caller, each organisation, and each caller's use of each tool. */
@Injectable()
export class CallLimits {
  readonly #counter: Counter;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(REDIS) redis: Redis | undefined,
  ) {
    this.#counter = createCounter(redis);
  }

  /**
   * Pays the point that every request costs. It is not given back.
   *
   * @returns what each budget says, or only the one that refuses
   */
  begin(principal: Principal): Promise<readonly Allowance[]> {
    return this.#pay(chargesFor(principal, BASE, this.configuration.limits));
  }

  /**
   * Pays the rest of what a request costs, or nothing of it: the narrowest budget first, so that who goes on calling
   * beyond their own limit never gets to that of their organisation.
   *
   * @param begun what the budgets said when the request began
   * @returns what the tightest budget says; undefined where there is no limit
   */
  async settle(
    principal: Principal,
    costs: readonly Cost[],
    begun: readonly Allowance[],
  ): Promise<Allowance | undefined> {
    const { limits } = this.configuration;
    const points = costs.reduce((sum, cost) => sum + cost.points, 0);
    const rest = toolChargesFor(principal, costs, limits.tool);
    if (points > BASE) rest.push(...chargesFor(principal, points, limits));
    if (rest.length === 0) return tightestOf(begun);
    const impossible = rest.find((charge) => charge.points > charge.rate.points);
    if (impossible) return allowanceOf(impossible, impossible.points, 0);
    const paid = await this.#pay(rest.map(withoutBase));
    const refused = paid.find((allowance) => allowance.refused);
    if (refused) return refused;
    return tightestOf([
      ...paid,
      ...begun.filter(({ charge }) => !rest.some(({ key }) => key === charge.key)),
    ]);
  }

  /** Pays all charges; where one is refused, gives back the others and returns what that one says. */
  async #pay(charges: readonly Charge[]): Promise<Allowance[]> {
    const paid: Allowance[] = [];
    for (const charge of charges) {
      const { key, points, rate } = charge;
      const counting = this.#counter.consume(key, points, rate.window);
      const { consumed, untilReset } = counting instanceof Promise ? await counting : counting;
      const allowance = allowanceOf(charge, consumed, untilReset);
      if (allowance.refused) {
        for (const { charge: other } of paid) {
          this.#counter.giveBack(other.key, other.points, other.rate.window);
        }
        return [allowance];
      }
      paid.push(allowance);
    }
    return paid;
  }
}

/** What a budget has still to be charged. A tool's own has not been charged yet. */
const withoutBase = (charge: Charge): Charge =>
  charge.limit === 'tool' ? charge : { ...charge, points: charge.points - BASE };
