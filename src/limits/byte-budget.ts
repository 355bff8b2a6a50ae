import { Places, type TakenBy } from './places.js';

/** Maximum bytes in memory, for the whole instance and for each caller. */
export interface ByteLimits {
  readonly instance: number;
  readonly caller: number;
}

/**
 * Limits the bytes that callers hold in this process's memory.
 *
 * The first bytes of each holder are free, so that a small request never fails because others send large ones. Other
 * limits bound the number of holders.
 */
export class ByteBudget {
  readonly #places: Places;

  /**
   * @param free free bytes of each holder
   * @param onRelease called each time that a caller releases bytes
   */
  constructor(
    limits: ByteLimits,
    private readonly free: number,
    private readonly onRelease: (caller: string) => void = () => {},
  ) {
    this.#places = new Places(limits.instance, limits.caller);
  }

  /** Changes the limits. Bytes that are held stay held. */
  setLimits(limits: ByteLimits): void {
    this.#places.setLimits(limits.instance, limits.caller);
  }

  /** Bytes taken, without the free ones. */
  get taken(): number {
    return this.#places.taken;
  }

  /** Whether a caller holds bytes, without the free ones. */
  isHeldBy(caller: string): boolean {
    return this.#places.isTakenBy(caller);
  }

  /**
   * Opens an account for a caller. An account takes no bytes until it holds some.
   *
   * @param free free bytes of this holder
   */
  open(caller: string, free = this.free): HeldBytes {
    return new HeldBytes(this.#places, caller, free, () => this.onRelease(caller));
  }
}

/** Reason for refusing bytes. `never`: the amount exceeds the maximum of a caller, so a retry cannot succeed. */
export type ByteRefusal = TakenBy | 'never';

/** Account of a request for the unread bytes of its response. */
export interface ResponseAccount {
  /** Charges for the number of unread bytes, in place of the last number. Returns whether they are accepted. */
  holdUnread(bytes: number): boolean;
}

/**
 * Account of the bytes that one request, stream or session holds. It stays small however often it changes, because a
 * client can send a body in any number of parts.
 */
export class HeldBytes {
  #held = 0;
  #paid = 0;

  constructor(
    private readonly places: Places,
    private readonly caller: string,
    private readonly free: number,
    private readonly onRelease: () => void,
  ) {}

  /** Adds bytes, all or none. Returns the reason if they are refused. */
  add(bytes: number): ByteRefusal | undefined {
    return this.resize(this.#held + bytes);
  }

  /** Adds bytes up to twice the limits, all or none. Returns whether they were added. */
  overdraw(bytes: number): boolean {
    const due = Math.max(0, this.#held + bytes - this.free);
    const more = due - this.#paid;
    if (more > 0 && this.places.crowdedBy(this.caller, more, 2)) return false;
    this.#take(this.#held + bytes, due);
    return true;
  }

  /** Changes the number of held bytes, unless it is refused. Returns the reason if it is refused. */
  resize(bytes: number): ByteRefusal | undefined {
    const due = Math.max(0, bytes - this.free);
    const more = due - this.#paid;
    if (more > 0 && !this.places.couldFit(due)) return 'never';
    const crowdedBy = more > 0 ? this.places.crowdedBy(this.caller, more) : undefined;
    if (crowdedBy) return crowdedBy;
    this.#take(bytes, due);
    return undefined;
  }

  /** Releases all bytes. */
  release(): void {
    this.resize(0);
  }

  #take(bytes: number, due: number): void {
    const more = due - this.#paid;
    if (more !== 0) this.places.add(this.caller, more);
    this.#paid = due;
    this.#held = bytes;
    if (more < 0) this.onRelease();
  }
}
