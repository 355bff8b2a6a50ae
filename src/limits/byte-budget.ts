import type { CallerKeys } from '../auth/caller-keys.js';
import { Places, type TakenBy } from './places.js';
import { Tally } from './tally.js';

/** Size of the reserve for organizations that hold little, as a share of the limit of the instance. */
const RESERVE = 1 / 10;

/** Caller and organization that bytes are charged to. */
export type Payer = Pick<CallerKeys, 'caller' | 'group'>;

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
 *
 * A reserve beyond the limit of the instance serves organizations that hold little, so that one organization with many
 * callers does not take all bytes.
 */
export class ByteBudget {
  readonly #bytes: TakenBytes;

  /**
   * @param free free bytes of each holder
   * @param onRelease called each time that a caller releases bytes
   */
  constructor(
    limits: ByteLimits,
    private readonly free: number,
    private readonly onRelease: (caller: string) => void = () => {},
  ) {
    this.#bytes = new TakenBytes(limits);
  }

  /** Changes the limits. Bytes that are held stay held. */
  setLimits(limits: ByteLimits): void {
    this.#bytes.setLimits(limits);
  }

  /** Bytes taken, without the free ones. */
  get taken(): number {
    return this.#bytes.places.taken;
  }

  /** Whether a caller holds bytes, without the free ones. */
  isHeldBy(caller: string): boolean {
    return this.#bytes.places.isTakenBy(caller);
  }

  /**
   * Opens an account for a caller. An account takes no bytes until it holds some.
   *
   * @param free free bytes of this holder
   */
  open(payer: Payer, free = this.free): HeldBytes {
    return new HeldBytes(this.#bytes, payer, free, () => this.onRelease(payer.caller));
  }
}

/** Counts the bytes of callers, of organizations and of the instance. */
class TakenBytes {
  readonly places: Places;
  readonly #groups = new Tally();
  /** Bytes taken beyond the limits. They take nothing of the reserve. */
  #overdrawn = 0;

  constructor(private limits: ByteLimits) {
    this.places = new Places(limits.instance, limits.caller);
  }

  setLimits(limits: ByteLimits): void {
    this.limits = limits;
    this.places.setLimits(limits.instance, limits.caller);
  }

  /** Returns which limit refuses more bytes. */
  crowdedBy({ caller, group }: Payer, amount: number): TakenBy | undefined {
    const crowdedBy = this.places.crowdedBy(caller, amount);
    return crowdedBy === 'instance' && this.#fitsReserve(group, amount) ? undefined : crowdedBy;
  }

  /** Whether a caller may take bytes beyond the limits, up to twice as much. */
  mayOverdraw({ caller }: Payer, amount: number): boolean {
    const fits = this.#overdrawn + amount <= this.limits.instance;
    return fits && !this.places.crowdedBy(caller, amount, 2);
  }

  /** @param overdrawn part of the amount that is taken beyond the limits */
  add({ caller, group }: Payer, amount: number, overdrawn: number): void {
    this.places.add(caller, amount);
    this.#groups.add(group, amount);
    this.#overdrawn += overdrawn;
  }

  /**
   * Whether an organization may take bytes of the reserve. The less is left of it, the less the organization may hold,
   * so that something remains for those that hold nothing. An organization alone gets exactly the limit.
   */
  #fitsReserve(group: string, amount: number): boolean {
    const taken = this.places.taken - this.#overdrawn;
    const left = this.limits.instance * (1 + RESERVE) - taken - amount;
    return this.#groups.of(group) + amount <= left / RESERVE;
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
  /** Part of the paid bytes that was taken beyond the limits. */
  #overdrawn = 0;

  constructor(
    private readonly bytes: TakenBytes,
    private readonly payer: Payer,
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
    if (more > 0 && !this.bytes.mayOverdraw(this.payer, more)) return false;
    this.#take(this.#held + bytes, due, this.#overdrawn + Math.max(0, more));
    return true;
  }

  /** Changes the number of held bytes, unless it is refused. Returns the reason if it is refused. */
  resize(bytes: number): ByteRefusal | undefined {
    const due = Math.max(0, bytes - this.free);
    const more = due - this.#paid;
    if (more > 0 && !this.bytes.places.couldFit(due)) return 'never';
    const crowdedBy = more > 0 ? this.bytes.crowdedBy(this.payer, more) : undefined;
    if (crowdedBy) return crowdedBy;
    this.#take(bytes, due);
    return undefined;
  }

  /** Releases all bytes. */
  release(): void {
    this.resize(0);
  }

  #take(bytes: number, due: number, overdrawn = this.#overdrawn): void {
    const more = due - this.#paid;
    const overdrawnNow = Math.min(overdrawn, due);
    if (more !== 0) this.bytes.add(this.payer, more, overdrawnNow - this.#overdrawn);
    this.#overdrawn = overdrawnNow;
    this.#paid = due;
    this.#held = bytes;
    if (more < 0) this.onRelease();
  }
}
