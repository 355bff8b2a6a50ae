const FIRST_SIZE = 64;

/**
 * Stores items in progress under numbers that are never reused.
 *
 * A Map that changes with every call would leave tables behind. Each table keeps the calls of its time in memory until
 * the next full garbage collection.
 */
export class Slots<Item> {
  /** Numbers of the items. A number and its item have the index `number % length`; 0 marks a free slot. */
  #numbers = Array<number>(FIRST_SIZE).fill(0);
  #items = Array<Item | undefined>(FIRST_SIZE).fill(undefined);
  #last = 0;
  /** Number of items. */
  #taken = 0;

  /** Adds an item and returns its number, 1 or more. */
  add(item: Item): number {
    if (++this.#taken * 2 > this.#numbers.length) this.#grow();
    let place: number;
    do place = ++this.#last % this.#numbers.length;
    while (this.#numbers[place] !== 0);
    this.#numbers[place] = this.#last;
    this.#items[place] = item;
    return this.#last;
  }

  get(number: unknown): Item | undefined {
    const place = this.#placeOf(number);
    return place === undefined ? undefined : this.#items[place];
  }

  delete(number: number): void {
    const place = this.#placeOf(number);
    if (place === undefined) return;
    this.#numbers[place] = 0;
    this.#items[place] = undefined;
    this.#taken--;
  }

  #placeOf(number: unknown): number | undefined {
    if (typeof number !== 'number') return undefined;
    const place = number % this.#numbers.length;
    return number > 0 && this.#numbers[place] === number ? place : undefined;
  }

  /** Doubles the size. Numbers with different indexes keep different indexes. */
  #grow(): void {
    const [numbers, items] = [this.#numbers, this.#items];
    const size = 2 * numbers.length;
    this.#numbers = Array<number>(size).fill(0);
    this.#items = Array<Item | undefined>(size).fill(undefined);
    for (const [index, number] of numbers.entries()) {
      if (number === 0) continue;
      this.#numbers[number % size] = number;
      this.#items[number % size] = items[index];
    }
  }
}
