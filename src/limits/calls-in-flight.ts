import { Inject, Injectable } from '@nestjs/common';

import { type CallerKeys, callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';

/** Whose calls there are too many of. */
export type CrowdedBy = 'caller' | 'organization' | 'instance';

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

/** How many places are taken, and by whom. */
class Occupancy {
  readonly #takenBy = new Map<string, number>();
  #all = 0;

  constructor(private readonly limits: Configuration['limits']['inFlight']) {}

  get all(): number {
    return this.#all;
  }

  /** Who has too many for so many more; the widest first, which no caller can do anything about. */
  crowdedBy({ caller, organization }: CallerKeys, calls: number): CrowdedBy | undefined {
    if (this.#all + calls > this.limits.instance) return 'instance';
    // Without an organization, a caller is one of its own.
    const group = organization ?? caller;
    if ((this.#takenBy.get(group) ?? 0) + calls > this.limits.organization) return 'organization';
    if ((this.#takenBy.get(caller) ?? 0) + calls > this.limits.caller) return 'caller';
    return undefined;
  }

  add({ caller, organization }: CallerKeys, calls: number): void {
    this.#all += calls;
    this.#addTo(caller, calls);
    if (organization !== undefined) this.#addTo(organization, calls);
  }

  #addTo(key: string, calls: number): void {
    const left = (this.#takenBy.get(key) ?? 0) + calls;
    if (left > 0) this.#takenBy.set(key, left);
    else this.#takenBy.delete(key);
  }
}
