/** Who has taken too many. */
export type TakenBy = 'caller' | 'instance';

/** A number of places, or bytes, of which nobody gets more than their share. */
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

  /** @returns what gives the places back, of which only the first time counts; or who has taken too many */
  take(caller: string, amount = 1): (() => void) | TakenBy {
    const refused = this.add(caller, amount);
    if (refused !== undefined) return refused;
    let isTaken = true;
    return () => {
      if (isTaken) this.remove(caller, amount);
      isTaken = false;
    };
  }

  /** Takes places that the caller itself counts. Returns who has taken too many. */
  add(caller: string, amount: number): TakenBy | undefined {
    const own = this.#takenBy.get(caller) ?? 0;
    if (own + amount > this.perCaller) return 'caller';
    if (this.#taken + amount > this.all) return 'instance';
    this.#taken += amount;
    this.#takenBy.set(caller, own + amount);
    return undefined;
  }

  /** Gives back places that were taken with {@link add}. */
  remove(caller: string, amount: number): void {
    this.#taken -= amount;
    const left = (this.#takenBy.get(caller) ?? 0) - amount;
    if (left > 0) this.#takenBy.set(caller, left);
    else this.#takenBy.delete(caller);
  }
}
