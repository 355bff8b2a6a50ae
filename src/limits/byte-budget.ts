import { Places, type TakenBy } from './places.js';

/** Limits of the bytes that requests keep in memory. */
export interface ByteLimits {
  readonly instance: number;
  readonly caller: number;
}

/**
 * Bytes that callers keep in this process's memory.
 *
 * Little is free: the number of those who may keep something is limited already, and nobody's small request may fail
 * because others send large ones.
 */
export class ByteBudget {
  readonly #places: Places;

  /**
   * @param free bytes that each holder has for nothing
   * @param onRelease told each time that a caller gives bytes back
   */
  constructor(
    private readonly limits: ByteLimits,
    private readonly free: number,
    private readonly onRelease: (caller: string) => void = () => {},
  ) {
    this.#places = new Places(limits.instance, limits.caller);
  }

  /** Number of bytes taken. */
  get taken(): number {
    return this.#places.taken;
  }

  /**
   * Opens an account of a caller. It costs nothing until it holds something.
   *
   * @param free bytes that this holder has for nothing
   */
  open(caller: string, free = this.free): HeldBytes {
    const most = Math.min(this.limits.caller, this.limits.instance);
    return new HeldBytes(this.#places, caller, free, most, () => this.onRelease(caller));
  }
}

/** Why bytes are not given: `never`: the caller may not have so many at all. */
export type ByteRefusal = TakenBy | 'never';

/**
 * The bytes that one request, stream or session keeps. Takes the same memory however often it changes: a client
 * chooses in how many parts it sends a body.
 */
export class HeldBytes {
  #held = 0;
  #paid = 0;

  constructor(
    private readonly places: Places,
    private readonly caller: string,
    private readonly free: number,
    private readonly most: number,
    private readonly onRelease: () => void,
  ) {}

  /** Holds more bytes, or none of them. Returns why not. */
  add(bytes: number): ByteRefusal | undefined {
    return this.resize(this.#held + bytes);
  }

  /** Holds so many bytes from now on, or as many as before. Returns why not. */
  resize(bytes: number): ByteRefusal | undefined {
    const due = Math.max(0, bytes - this.free);
    if (due > this.most) return 'never';
    const more = due - this.#paid;
    const crowdedBy = more > 0 ? this.places.crowdedBy(this.caller, more) : undefined;
    if (crowdedBy) return crowdedBy;
    if (more !== 0) this.places.add(this.caller, more);
    this.#paid = due;
    this.#held = bytes;
    if (more < 0) this.onRelease();
    return undefined;
  }

  /** Gives all of them back. */
  release(): void {
    this.resize(0);
  }
}
