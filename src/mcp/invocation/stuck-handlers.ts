import { Inject, Injectable } from '@nestjs/common';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { Reloads } from '../../config/reloads.js';
import { Tally } from '../../limits/tally.js';
import { type LineLog, LOG } from '../../logging/line-log.js';
import type { Offer } from '../catalog/offer.js';

/**
 * Counts handlers that are still running long after their deadline. Each of them occupies the place of a call. An offer
 * with too many stuck handlers is refused until one settles, so that the remaining places serve other calls.
 */
@Injectable()
export class StuckHandlers {
  readonly #counts = new Tally();
  #limits: { readonly instance: number; readonly organization: number };
  #size = 0;

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    @Inject(LOG) private readonly log: LineLog,
    reloads: Reloads,
  ) {
    this.#limits = limitsOf(configuration);
    reloads.on(
      ['MAX_CALLS_IN_FLIGHT', 'MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION', 'MAX_STUCK_PERCENT_PER_TOOL'],
      (next) => {
        this.#limits = limitsOf(next);
      },
    );
  }

  /** Number of stuck handlers. */
  get size(): number {
    return this.#size;
  }

  /** Whether too many handlers of the offer are stuck, in total or for the caller's organization. */
  isFull(offer: Offer, principal: Principal): boolean {
    if (this.#size === 0) return false;
    const [all, own] = keysOf(offer, principal);
    return this.#counts.of(all) >= this.#limits.instance || this.#counts.of(own) >= this.#limits.organization;
  }

  /**
   * Counts and logs a stuck handler.
   *
   * @param fields log fields that identify the call
   * @returns a function to call when the handler settles
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

const limitsOf = ({ limits: { inFlight, stuckShare } }: Configuration) => ({
  instance: Math.max(1, Math.floor(inFlight.instance * stuckShare)),
  organization: Math.max(1, Math.floor(inFlight.organization * stuckShare)),
});

function keysOf({ kind, name }: Offer, principal: Principal): [all: string, own: string] {
  const all = `${kind}:${name}`;
  return [all, `${all}:${callerKeysOf(principal).group}`];
}
