import { Tally } from './tally.js';

/** Who has taken too many. */
export type TakenBy = 'caller' | 'instance';

/** A number of places, or bytes, of which nobody gets more than their share. */
export class Places {
  readonly #takenBy = new Tally();
  #taken = 0;

  /**
   * @param all how many there are
   * @param perCaller how many one caller may take
   */
  constructor(
    private readonly all: number,
    private readonly perCaller: number,
  ) {}

  get taken(): number {
    return this.#taken;
  }

  /** Who has taken too many for so many more; undefined if there is room. */
  crowdedBy(caller: string, amount: number): TakenBy | undefined {
    if (this.#takenBy.of(caller) + amount > this.perCaller) return 'caller';
    return this.#taken + amount > this.all ? 'instance' : undefined;
  }

  /** Takes places without looking at the limits; gives them back if the amount is negative. */
  add(caller: string, amount: number): void {
    this.#taken += amount;
    this.#takenBy.add(caller, amount);
  }
}
