/**
 * Number of names below which names with a count of zero are kept. Deleting and adding the same few names would leave
 * much garbage in the Map.
 */
const MIN_NAMES = 1_000;

/** Counts by name. Names with a count of zero take little or no memory. */
export class Tally {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, change: number): void {
    const count = this.of(name) + change;
    if (count > 0 || this.#counts.size < MIN_NAMES) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}
