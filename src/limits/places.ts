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
    private all: number,
    private perCaller: number,
  ) {}

  /** Changes the limits. Places that are taken stay taken. */
  setLimits(all: number, perCaller: number): void {
    this.all = all;
    this.perCaller = perCaller;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether a caller takes any. */
  isTakenBy(caller: string): boolean {
    return this.#takenBy.of(caller) > 0;
  }

  /**
   * Whether the amount fits the limit in total.
   *
   * @param factor multiple of the limit
   */
  fits(amount: number, factor = 1): boolean {
    return this.#taken + amount <= this.all * factor;
  }

  /** Whether the amount would fit if nothing was taken. */
  couldFit(amount: number): boolean {
    return amount <= Math.min(this.all, this.perCaller);
  }

  /**
   * Whether the amount fits the limit of a caller.
   *
   * @param factor multiple of the limit
   */
  fitsCaller(caller: string, amount: number, factor = 1): boolean {
    return this.#takenBy.of(caller) + amount <= this.perCaller * factor;
  }

  /**
   * Returns which limit refuses the amount; undefined if there is room.
   *
   * @param factor multiple of both limits
   */
  crowdedBy(caller: string, amount: number, factor = 1): TakenBy | undefined {
    if (!this.fitsCaller(caller, amount, factor)) return 'caller';
    return this.fits(amount, factor) ? undefined : 'instance';
  }

  /** Takes places without checking the limits. A negative amount frees places. */
  add(caller: string, amount: number): void {
    this.#taken += amount;
    this.#takenBy.add(caller, amount);
  }
}
