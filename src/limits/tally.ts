/**
 * Number of names up to which those that count nothing are kept: a Map that forgets and remembers the same few names
 * leaves much garbage.
 */
const MIN_NAMES = 1_000;

/** Counts by name. Names that count nothing take little memory, or none. */
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
