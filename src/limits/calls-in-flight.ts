import { Inject, Injectable } from '@nestjs/common';

import { type CallerKeys, callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { Reloads } from '../config/reloads.js';
import { Places, type TakenBy } from './places.js';
import { Tally } from './tally.js';

/** Limit that refuses a call. */
export type CrowdedBy = TakenBy | 'organization';

type InFlightLimits = Configuration['limits']['inFlight'];

/** Variables of the limits. */
const IN_FLIGHT = [
  'MAX_CALLS_IN_FLIGHT',
  'MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION',
  'MAX_CALLS_IN_FLIGHT_PER_CALLER',
] as const;

/** Size of the reserve, as a share of the ordinary places. */
const RESERVE = 1 / 10;

/**
 * Limits the concurrent calls of this process: overall, of each organization, and of each caller. Further calls are
 * refused at once, because a queue could grow without bound.
 *
 * A reserve of places serves messages that run no tool, such as cancellations and answers. So calls that hold every
 * place can still be answered and canceled.
 *
 * A call that waits for its client runs no handler, so it takes no place until the client answers. The number of
 * waiting calls has the same limits.
 */
@Injectable()
export class CallsInFlight {
  readonly #pools: Pools;
  #limits: InFlightLimits;

  constructor(@Inject(CONFIGURATION) { limits }: Configuration, reloads: Reloads) {
    const { inFlight } = limits;
    this.#limits = inFlight;
    this.#pools = {
      ordinary: new Occupancy(inFlight),
      reserve: new Occupancy(reserveOf(inFlight)),
      waiting: new Occupancy(inFlight),
    };
    reloads.on(IN_FLIGHT, (next) => this.#setLimits(next.limits.inFlight));
  }

  /** Number of ordinary places. */
  get limit(): number {
    return this.#limits.instance;
  }

  /** Number of places taken, the reserve included. */
  get taken(): number {
    return this.#pools.ordinary.all + this.#pools.reserve.all;
  }

  /** Number of calls that wait for their clients. */
  get waiting(): number {
    return this.#pools.waiting.all;
  }

  /** Takes an ordinary place, or one of the reserve. Returns which limit refuses the call if both are full. */
  enter(principal: Principal): Place | CrowdedBy {
    const keys = callerKeysOf(principal);
    const crowdedBy = this.#pools.ordinary.crowdedBy(keys, 1);
    if (crowdedBy && this.#pools.reserve.crowdedBy(keys, 1)) return crowdedBy;
    return new Place(keys, this.#pools, crowdedBy ? 'reserve' : 'ordinary');
  }

  #setLimits(limits: InFlightLimits): void {
    this.#limits = limits;
    this.#pools.ordinary.setLimits(limits);
    this.#pools.reserve.setLimits(reserveOf(limits));
    this.#pools.waiting.setLimits(limits);
  }
}

const reserveOf = ({ caller, organization, instance }: InFlightLimits): InFlightLimits => ({
  caller: Math.ceil(caller * RESERVE),
  organization: Math.ceil(organization * RESERVE),
  instance: Math.ceil(instance * RESERVE),
});

interface Pools {
  readonly ordinary: Occupancy;
  readonly reserve: Occupancy;
  readonly waiting: Occupancy;
}

/** Places of the calls of one request. */
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
   * Takes an ordinary place for each call of the request, all or none. A request without calls moves to the reserve if
   * there is room: the call that it answers may need an ordinary place to resume.
   *
   * @returns which limit refuses the calls
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

  /** Frees the place of a call that waits for its client. Returns which limit of waiting calls refuses it. */
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

  /** Takes a place again for a call whose client has answered. Returns which limit refuses it. */
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

  /** Ends a call that waits for its client. */
  stopWaiting(): void {
    if (this.#waiting === 0) return; // the request has ended before
    this.pools.waiting.add(this.keys, -1);
    this.#waiting--;
  }

  /** Ends the request: frees all places except for calls whose handlers still run. */
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

/** Counts the taken places of callers, of organizations and of the instance. */
class Occupancy {
  readonly #places: Places;
  readonly #organizations = new Tally();

  constructor(private limits: InFlightLimits) {
    this.#places = new Places(limits.instance, limits.caller);
  }

  setLimits(limits: InFlightLimits): void {
    this.limits = limits;
    this.#places.setLimits(limits.instance, limits.caller);
  }

  get all(): number {
    return this.#places.taken;
  }

  /** Returns which limit refuses more calls. The widest limit comes first, since the caller cannot change it. */
  crowdedBy(keys: CallerKeys, calls: number): CrowdedBy | undefined {
    if (!this.#places.fits(calls)) return 'instance';
    if (this.#organizations.of(keys.group) + calls > this.limits.organization) return 'organization';
    return this.#places.fitsCaller(keys.caller, calls) ? undefined : 'caller';
  }

  add(keys: CallerKeys, calls: number): void {
    this.#places.add(keys.caller, calls);
    this.#organizations.add(keys.group, calls);
  }
}
