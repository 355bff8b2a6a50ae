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
   * Pays for a whole request at once. When one budget refuses, the request has paid into that one and into no
   * other: who goes on calling beyond their own limit uses up nothing of their organisation's.
   *
   * @returns what the tightest budget says; undefined where there is no limit
   */
  async spend(principal: Principal, costs: readonly Cost[]): Promise<Allowance | undefined> {
    const charges = chargesFor(principal, costs, this.configuration.limits);
    if (charges.length === 0) return undefined;

    // Together, so that the commands for Redis leave in one write and the request waits once.
    const allowances = await Promise.all(charges.map((charge) => this.#pay(charge)));
    const tightest = tightestOf(allowances);
    if (tightest?.refused) {
      for (const { charge, refused } of allowances) if (!refused) this.#giveBack(charge);
    }
    return tightest;
  }

  async #pay(charge: Charge): Promise<Allowance> {
    const { key, points, rate } = charge;
    const counted = await this.#counter.consume(key, points, { customDuration: rate.window });
    return allowanceOf(charge, counted.consumedPoints, counted.msBeforeNext);
  }

  /** Nobody waits for it; what cannot be given back is forgotten when the window ends. */
  #giveBack({ key, points, rate }: Charge): void {
    this.#counter.reward(key, points, { customDuration: rate.window }).catch(() => undefined);
  }
}
