import { MIN_NAMES } from './min-names.js';

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
