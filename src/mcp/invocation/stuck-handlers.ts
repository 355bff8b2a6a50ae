import { Inject, Injectable } from '@nestjs/common';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { Tally } from '../../limits/tally.js';
import { LOG, type Log } from '../../logging/log.js';
import type { Offer } from '../catalog/offer.js';

/**
 * Handlers that have not settled well after their deadline, although nobody waits for them any more. Each keeps its
 * place. What has too many of them is not used until one settles, so that others go on.
 */
@Injectable()
export class StuckHandlers {
  readonly #counts = new Tally();
  readonly #limits: { readonly instance: number; readonly organization: number };
  #size = 0;

  constructor(
    @Inject(CONFIGURATION) { limits: { inFlight, stuckShare } }: Configuration,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.#limits = {
      instance: Math.max(1, Math.floor(inFlight.instance * stuckShare)),
      organization: Math.max(1, Math.floor(inFlight.organization * stuckShare)),
    };
  }

  /** Number of handlers that are stuck. */
  get size(): number {
    return this.#size;
  }

  /** Whether so many handlers are stuck, of all callers or of this organization, that no more may begin. */
  isFull(offer: Offer, principal: Principal): boolean {
    if (this.#size === 0) return false;
    const [all, own] = keysOf(offer, principal);
    return this.#counts.of(all) >= this.#limits.instance || this.#counts.of(own) >= this.#limits.organization;
  }

  /**
   * Counts a handler, and logs it.
   *
   * @param fields identify its call in the log
   * @returns what to call when it has settled after all
   */
  add(offer: Offer, principal: Principal, fields: object): () => void {
    this.log.warn({ ...fields, reason: 'stuck' }, 'handler does not end');
    const keys = keysOf(offer, principal);
    this.#count(keys, 1);
    return () => this.#count(keys, -1);
  }

  #count(keys: readonly string[], change: 1 | -1): void {
    this.#size += change;
    for (const key of keys) this.#counts.add(key, change);
  }
}

function keysOf({ kind, name }: Offer, principal: Principal): [all: string, own: string] {
  const { organization, caller } = callerKeysOf(principal);
  const all = `${kind}:${name}`;
  return [all, `${all}:${organization ?? caller}`];
}
