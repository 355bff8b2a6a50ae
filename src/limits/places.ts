import { Tally } from './tally.js';

/** Limit that is reached. */
export type TakenBy = 'caller' | 'instance';

/** Counts places or bytes that callers take, with a limit in total and for each caller. */
export class Places {
  readonly #takenBy = new Tally();
  #taken = 0;

  /**
   * @param all limit in total
   * @param perCaller limit for each caller
   */
  constructor(
    private readonly all: number,
    private readonly perCaller: number,
  ) {}

  get taken(): number {
    return this.#taken;
  }

  /** Returns which limit refuses the amount; undefined if there is room. */
  crowdedBy(caller: string, amount: number): TakenBy | undefined {
    if (this.#takenBy.of(caller) + amount > this.perCaller) return 'caller';
    return this.#taken + amount > this.all ? 'instance' : undefined;
  }

  /** Takes places without checking the limits. A negative amount frees places. */
  add(caller: string, amount: number): void {
    this.#taken += amount;
    this.#takenBy.add(caller, amount);
  }
}
