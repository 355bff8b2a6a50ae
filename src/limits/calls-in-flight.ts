import { Inject, Injectable } from '@nestjs/common';

import { type CallerKeys, callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { Places, type TakenBy } from './places.js';
import { Tally } from './tally.js';

/** Whose calls there are too many of. */
export type CrowdedBy = TakenBy | 'organization';

/** Part of the places that is added for messages that settle something. */
const RESERVE = 1 / 10;

/**
 * Limits the calls that this process works on: overall, of each organization, and of each caller. Refuses further
 * calls at once: there is no queue, so none can grow.
 *
 * A reserve of places is added for messages that settle something, such as a cancellation. So calls that wait and hold
 * every place can still be answered and cancelled.
 */
@Injectable()
export class CallsInFlight {
  readonly #ordinary: Occupancy;
  readonly #reserve: Occupancy;

  constructor(@Inject(CONFIGURATION) { limits: { inFlight } }: Configuration) {
    this.#ordinary = new Occupancy(inFlight);
    this.#reserve = new Occupancy({
      caller: Math.ceil(inFlight.caller * RESERVE),
      organization: Math.ceil(inFlight.organization * RESERVE),
      instance: Math.ceil(inFlight.instance * RESERVE),
    });
  }

  /** Number of places taken, the reserve included. */
  get taken(): number {
    return this.#ordinary.all + this.#reserve.all;
  }

  /** Takes a place, of the reserve if all others are taken. Returns who crowds the caller out if that is, too. */
  enter(principal: Principal): Place | CrowdedBy {
    const keys = callerKeysOf(principal);
    const crowdedBy = this.#ordinary.crowdedBy(keys, 1);
    if (crowdedBy && this.#reserve.crowdedBy(keys, 1)) return crowdedBy;
    return new Place(keys, this.#ordinary, crowdedBy && this.#reserve);
  }
}

/** The places that the calls of one request take. */
export class Place {
  #calls = 1;
  #reserve: Occupancy | undefined;

  /** @param reserve where it is taken from; undefined: from the ordinary ones */
  constructor(
    private readonly keys: CallerKeys,
    private readonly ordinary: Occupancy,
    reserve: Occupancy | undefined,
  ) {
    this.#reserve = reserve;
    (reserve ?? ordinary).add(keys, 1);
  }

  /**
   * Takes as many ordinary places as the request has calls, all or none.
   *
   * @param calls 0 for a request that only settles something, which keeps the place that it has
   */
  take(calls: number): CrowdedBy | undefined {
    const more = this.#reserve ? calls : calls - this.#calls;
    if (more <= 0) return undefined;
    const crowdedBy = this.ordinary.crowdedBy(this.keys, more);
    if (crowdedBy) return crowdedBy;
    this.#reserve?.add(this.keys, -this.#calls);
    this.#reserve = undefined;
    this.ordinary.add(this.keys, more);
    this.#calls = calls;
    return undefined;
  }

  /** Gives back all places but those of calls whose handlers still run. */
  keep(calls: number): void {
    if (calls >= this.#calls) return;
    (this.#reserve ?? this.ordinary).add(this.keys, calls - this.#calls);
    this.#calls = calls;
  }
}

/** Number of places that are taken, by caller and by organization. */
class Occupancy {
  readonly #places: Places;
  readonly #organizations = new Tally();

  constructor(private readonly limits: Configuration['limits']['inFlight']) {
    this.#places = new Places(limits.instance, limits.caller);
  }

  get all(): number {
    return this.#places.taken;
  }

  /** Who has too many for so many more; the widest first, which no caller can do anything about. */
  crowdedBy(keys: CallerKeys, calls: number): CrowdedBy | undefined {
    if (this.all + calls > this.limits.instance) return 'instance';
    if (this.#organizations.of(groupOf(keys)) + calls > this.limits.organization) return 'organization';
    return this.#places.crowdedBy(keys.caller, calls);
  }

  add(keys: CallerKeys, calls: number): void {
    this.#places.add(keys.caller, calls);
    this.#organizations.add(groupOf(keys), calls);
  }
}

/** Without an organization, a caller is one of its own. */
const groupOf = ({ caller, organization }: CallerKeys): string => organization ?? caller;
