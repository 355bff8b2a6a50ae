import { RoundRobin } from './round-robin.js';

/** Duration of a turn, the work of one event loop round. A piece of work that has begun always finishes. */
const TURN_MS = 1;

/** Maximum number of pieces of work in one turn. */
const MAX_PER_TURN = 64;

/** Maximum number of consecutive rounds that are left to new connections while work waits. */
const MAX_ROUNDS_LEFT = 32;

/** Time after which waiting work has a turn again, even while clients connect. A round may take milliseconds. */
const MAX_LEFT_MS = 4;

/** Value of `#end` for a turn that is over. */
const OVER = -1;

/**
 * Schedules work on the event loop. Waiting work begins in short turns, one per round of the loop, so that everything
 * else runs in between. Organizations take turns, and so do the callers of each organization.
 *
 * Node accepts one connection per round. While clients connect, some rounds have no turn. Otherwise, a new client would
 * wait for one turn of others for each connection ahead of its own.
 */
export class Turns {
  readonly #waiting = new RoundRobin<() => void>();
  /** Number of pieces of work to begin in the next round, if there is time. */
  #scheduled = 0;
  /** End of the turn of this round, by `performance.now()`; undefined before the turn begins. */
  #end: number | undefined;
  #hasConnected = false;
  #roundsLeft = 0;
  #leftSince = 0;
  readonly #next = (): void => this.#beginNext();
  readonly #reset = (): void => void (this.#end = undefined);

  /** Whether work may begin at once: nothing waits, and the turn of this round has time left. */
  get isFree(): boolean {
    return this.#waiting.size === 0 && this.#hasTime();
  }

  /** Number of pieces of work that wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @param begin begins the work; its time counts until it first waits */
  add(group: string, member: string, begin: () => void): void {
    this.#waiting.add(group, member, begin);
    this.#schedule();
  }

  /** Ends the turn of this round. */
  end(): void {
    this.#start(OVER);
  }

  /** Records that a client has connected. */
  connected(): void {
    this.#hasConnected = true;
  }

  /** Schedules one immediate per piece of work, because Node runs the microtasks of each before the next. */
  #schedule(): void {
    while (this.#scheduled < Math.min(this.#waiting.size, MAX_PER_TURN)) {
      this.#scheduled++;
      setImmediate(this.#next);
    }
  }

  #beginNext(): void {
    this.#scheduled--;
    if (this.#end === undefined && this.#isLeftToConnections()) this.#start(OVER);
    if (this.#hasTime()) this.#waiting.take()?.();
    this.#schedule();
  }

  #isLeftToConnections(): boolean {
    const now = performance.now();
    if (this.#roundsLeft === 0) this.#leftSince = now;
    const isLeft =
      this.#hasConnected && this.#roundsLeft < MAX_ROUNDS_LEFT && now - this.#leftSince < MAX_LEFT_MS;
    this.#hasConnected = false;
    this.#roundsLeft = isLeft ? this.#roundsLeft + 1 : 0;
    return isLeft;
  }

  #hasTime(): boolean {
    const now = performance.now();
    if (this.#end === undefined) this.#start(now + TURN_MS);
    return this.#end !== undefined && now < this.#end;
  }

  #start(end: number): void {
    if (this.#end === undefined) setImmediate(this.#reset);
    this.#end = end;
  }
}

/** Turns of this process, which has one event loop. */
export const TURNS = new Turns();
