import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';

import type { Principal } from '../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { REDIS } from '../redis/redis.module.js';
import { type Allowance, allowanceOf, tightestOf } from './allowance.js';
import { type Charge, chargesFor, type Cost } from './charge.js';
import { type Counter, createCounter } from './counter.js';

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
   * Pays for a whole request, or for nothing of it: the narrowest budget first, so that who goes on calling
   * beyond their own limit never gets to that of their organisation.
   *
   * @returns what the tightest budget says; undefined where there is no limit
   */
  async spend(principal: Principal, costs: readonly Cost[]): Promise<Allowance | undefined> {
    const charges = chargesFor(principal, costs, this.configuration.limits);
    const impossible = charges.find(({ points, rate }) => points > rate.points);
    if (impossible) return allowanceOf(impossible, impossible.points, 0);

    const paid: Allowance[] = [];
    for (const charge of charges) {
      const { key, points, rate } = charge;
      const counted = await this.#counter.consume(key, points, { customDuration: rate.window });
      const allowance = allowanceOf(charge, counted.consumedPoints, counted.msBeforeNext);
      if (allowance.refused) {
        paid.forEach((other) => this.#giveBack(other.charge));
        return allowance;
      }
      paid.push(allowance);
    }
    return tightestOf(paid);
  }

  /** Nobody waits for it; what cannot be given back is forgotten when the window ends. */
  #giveBack({ key, points, rate }: Charge): void {
    this.#counter.reward(key, points, { customDuration: rate.window }).catch(() => undefined);
  }
}
