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
 *
 * A call that waits for its client runs no handler, and takes no place until the client answers. Only so many calls
 * may wait as there are places.
 */
@Injectable()
export class CallsInFlight {
  readonly #pools: Pools;

  constructor(@Inject(CONFIGURATION) { limits: { inFlight } }: Configuration) {
    const reserve = {
      caller: Math.ceil(inFlight.caller * RESERVE),
      organization: Math.ceil(inFlight.organization * RESERVE),
      instance: Math.ceil(inFlight.instance * RESERVE),
    };
    this.#pools = {
      ordinary: new Occupancy(inFlight),
      reserve: new Occupancy(reserve),
      waiting: new Occupancy(inFlight),
    };
  }

  /** Number of places taken, the reserve included. */
  get taken(): number {
    return this.#pools.ordinary.all + this.#pools.reserve.all;
  }

  /** Number of calls that wait for their clients. */
  get waiting(): number {
    return this.#pools.waiting.all;
  }

  /** Takes a place, of the reserve if all others are taken. Returns who crowds the caller out if that is, too. */
  enter(principal: Principal): Place | CrowdedBy {
    const keys = callerKeysOf(principal);
    const crowdedBy = this.#pools.ordinary.crowdedBy(keys, 1);
    if (crowdedBy && this.#pools.reserve.crowdedBy(keys, 1)) return crowdedBy;
    return new Place(keys, this.#pools, crowdedBy ? 'reserve' : 'ordinary');
  }
}

interface Pools {
  readonly ordinary: Occupancy;
  readonly reserve: Occupancy;
  readonly waiting: Occupancy;
}

/** The places that the calls of one request take. */
export class Place {
  #calls = 1;
  #waiting = 0;

  /** @param from the pool that the first place is taken from */
  constructor(
    private readonly keys: CallerKeys,
    private readonly pools: Pools,
    private from: 'ordinary' | 'reserve',
  ) {
    pools[from].add(keys, 1);
  }

  /**
   * Takes as many ordinary places as the request has calls, all or none. A request that only settles something moves to
   * the reserve while the reserve has room: what it settles may need an ordinary place to go on.
   */
  take(calls: number): CrowdedBy | undefined {
    const { keys, pools } = this;
    if (calls === 0) {
      if (!pools.reserve.crowdedBy(keys, 1)) this.#move('reserve');
      return undefined;
    }
    const more = this.from === 'reserve' ? calls : calls - this.#calls;
    if (more <= 0) return undefined;
    const crowdedBy = pools.ordinary.crowdedBy(keys, more);
    if (crowdedBy) return crowdedBy;
    this.#move('ordinary');
    pools.ordinary.add(keys, calls - this.#calls);
    this.#calls = calls;
    return undefined;
  }

  /** A call waits for its client: its place is free until it goes on. Returns who has too many waiting calls. */
  pause(): CrowdedBy | undefined {
    const { keys, pools } = this;
    const crowdedBy = pools.waiting.crowdedBy(keys, 1);
    if (crowdedBy) return crowdedBy;
    pools.waiting.add(keys, 1);
    this.#waiting++;
    pools[this.from].add(keys, -1);
    this.#calls--;
    return undefined;
  }

  /** A call that has waited goes on, and takes its place again. Returns who crowds it out. */
  resume(): CrowdedBy | undefined {
    const { keys, pools } = this;
    const crowdedBy = pools[this.from].crowdedBy(keys, 1);
    if (crowdedBy) return crowdedBy;
    pools.waiting.add(keys, -1);
    this.#waiting--;
    pools[this.from].add(keys, 1);
    this.#calls++;
    return undefined;
  }

  /** The request has ended: gives back all places but those of calls whose handlers still run. */
  keep(calls: number): void {
    const { keys, pools } = this;
    if (this.#waiting > 0) pools.waiting.add(keys, -this.#waiting);
    this.#waiting = 0;
    if (calls >= this.#calls) return;
    pools[this.from].add(keys, calls - this.#calls);
    this.#calls = calls;
  }

  #move(to: 'ordinary' | 'reserve'): void {
    if (this.from === to) return;
    this.pools[this.from].add(this.keys, -this.#calls);
    this.pools[to].add(this.keys, this.#calls);
    this.from = to;
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
