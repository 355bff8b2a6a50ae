import { RoundRobin } from './round-robin.js';

/** Time of a turn, milliseconds: the work of one round of the event loop. Each piece that has begun is finished. */
const TURN_MS = 1;

/** Maximum number of pieces of work in one turn. */
const MAX_PER_TURN = 64;

/** Maximum number of rounds in a row that are left to new connections while work waits. */
const MAX_ROUNDS_LEFT = 32;

/** `#end` of a turn that is over. */
const OVER = -1;

/**
 * Shares out the event loop. Work that waits begins in short turns, one in each round of the loop, so that everything
 * else gets on in between: organizations take turns, and within each its callers do.
 *
 * Node accepts one connection in a round. While connections come in, some rounds have no turn: otherwise, a caller who
 * connects would wait for a turn of others for each connection before its own.
 */
export class Turns {
  readonly #waiting = new RoundRobin<() => void>();
  /** Pieces of work that begin in the next round, if there is time. */
  #scheduled = 0;
  /** When the turn of this round ends; undefined when it has not begun. */
  #end: number | undefined;
  #hasConnected = false;
  #roundsLeft = 0;
  readonly #next = (): void => this.#beginNext();
  readonly #reset = (): void => void (this.#end = undefined);

  /** Whether work may begin at once: nothing waits, and the turn of this round has time left. */
  get isFree(): boolean {
    return this.#waiting.size === 0 && this.#hasTime();
  }

  /** @param begin begins the work: what it does before it waits for something counts as its time */
  add(group: string, member: string, begin: () => void): void {
    this.#waiting.add(group, member, begin);
    this.#schedule();
  }

  /** Ends the turn of this round. */
  end(): void {
    this.#start(OVER);
  }

  /** A client has connected. */
  connected(): void {
    this.#hasConnected = true;
  }

  /** An immediate for each piece: Node finishes what one of them has set off before it runs the next. */
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
    const isLeft = this.#hasConnected && this.#roundsLeft < MAX_ROUNDS_LEFT;
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

/** The turns of this process, which has one event loop. */
export const TURNS = new Turns();
