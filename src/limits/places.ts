/** Who has taken too many. */
export type TakenBy = 'caller' | 'instance';

/** A number of places, of which nobody gets more than their share. */
export class Places {
  readonly #takenBy = new Map<string, number>();
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

  /** @returns what gives the place back, of which only the first time counts; or who has taken too many */
  take(caller: string): (() => void) | TakenBy {
    const own = this.#takenBy.get(caller) ?? 0;
    if (own >= this.perCaller) return 'caller';
    if (this.#taken >= this.all) return 'instance';
    this.#taken++;
    this.#takenBy.set(caller, own + 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#giveBack(caller);
      isTaken = false;
    };
  }

  #giveBack(caller: string): void {
    this.#taken--;
    const left = (this.#takenBy.get(caller) ?? 0) - 1;
    if (left > 0) this.#takenBy.set(caller, left);
    else this.#takenBy.delete(caller);
  }
}
