import { type Allowance, allowanceOf } from './allowance.js';
import { type BudgetRequest, type BudgetState, LEASED_SHARE } from './budget-script.js';
import type { Charge } from './charge.js';

/** Points per second below which a budget gets no lease: it would be handed back after a call or two. */
const MIN_DEMAND = 4;

/** Part of a request to Redis that depends on the lease. */
export type LeaseChange = Pick<BudgetRequest, 'use' | 'gone' | 'want' | 'window'>;

/** Change for a budget without a lease. */
export const NO_LEASE: LeaseChange = { use: 0, gone: 0, want: 0, window: '' };

/** Whether a limit is so large that instances lease points of it. Smaller ones are counted in Redis call by call. */
export const isLeasable = (limit: number): boolean => Math.floor(limit * LEASED_SHARE) >= 2;

/**
 * Points of one budget that this instance may spend without asking Redis.
 *
 * Redis counts leased points as spent. So all instances together never spend more than the limit, and a killed instance
 * loses no more than its lease.
 */
export class Lease {
  /** Unspent points. */
  #left = 0;
  /** Points that Redis knows as leased to this instance. */
  #known = 0;
  #window = '';
  #granted = 0;
  /** End of the window, on the clock of `performance.now()`. */
  #end = 0;
  /** Points charged since the latest renewal, and in the second before it. */
  #spent = 0;
  #demand = 0;
  /** Requests to Redis without an answer yet. */
  #asking = 0;

  /** Charges a budget, if the lease has the points. */
  spend(charge: Charge, now: number): Allowance | undefined {
    const { points } = charge;
    if (points > this.#left || now >= this.#end) return undefined;
    this.#left -= points;
    this.#spent += points;
    return allowanceOf(charge, this.#granted - this.#left, this.#end - now);
  }

  /**
   * Takes back a charge of {@link spend}, because another budget of the same call refused. Points of a window that has
   * ended meanwhile are gone: in the next one, they would exceed the limit.
   *
   * @param window window of the charge
   */
  refund(points: number, window: string): void {
    this.#spent -= points;
    if (window === this.#window) this.#left += points;
  }

  /**
   * Begins a charge in Redis. It uses up the lease, and asks for the next one. Call {@link adopt}, {@link keep} or
   * {@link lose} with the answer.
   */
  exchange(points: number): LeaseChange {
    this.#spent += points;
    // Further calls before the answer need not ask for more.
    const want = this.#asking > 0 ? 0 : this.#wanted(Math.max(this.#spent, this.#demand));
    return this.#ask({ use: this.#left, gone: this.#known, want });
  }

  /**
   * Begins the renewal of a lease, once a second. A lease that is hardly used is handed back.
   *
   * @returns undefined if there is nothing to change
   */
  renew(now: number): LeaseChange | undefined {
    if (this.#asking > 0) return undefined;
    this.#demand = this.#spent;
    this.#spent = 0;
    if (now >= this.#end) this.#left = this.#known = 0;
    const target = this.#wanted(this.#demand);
    const isKept = target > 0 && now < this.#end;
    if (!isKept && this.#known === 0 && this.#left === 0) return undefined;
    const use = Math.max(0, this.#left - target);
    return this.#ask({ use, gone: this.#known - this.#left + use, want: Math.max(0, target - this.#left) });
  }

  /** Hands back all points. */
  end(): LeaseChange {
    return this.#ask({ use: this.#left, gone: this.#known, want: 0 });
  }

  /** Applies an answer of Redis. */
  adopt({ granted, untilReset, window, leased }: BudgetState, sentAt: number): void {
    this.#asking -= 1;
    if (window !== this.#window) this.#left = this.#known = 0;
    this.#window = window;
    this.#granted = granted;
    // Redis began to count the time after the request was sent, so the lease never outlives the window.
    this.#end = sentAt + untilReset;
    this.#left += leased;
    this.#known += leased;
  }

  /** Restores the lease after a refusal, which changes nothing in Redis. */
  keep({ use, gone, window }: LeaseChange): void {
    this.#asking -= 1;
    if (window !== this.#window) return;
    this.#left += use;
    this.#known += gone;
  }

  /** Gives up points whose state is unknown, because Redis did not answer. */
  lose(): void {
    this.#asking -= 1;
  }

  /** Allowance of a charge that Redis has just counted. */
  allowanceOf(charge: Charge, untilReset: number): Allowance {
    return allowanceOf(charge, this.#granted - this.#left, untilReset);
  }

  /** Id of the window whose points the lease holds. */
  get window(): string {
    return this.#window;
  }

  /** Whether nothing is lost when the lease is forgotten. */
  get isIdle(): boolean {
    return [this.#asking, this.#left, this.#known, this.#demand, this.#spent].every((points) => points === 0);
  }

  #wanted(demand: number): number {
    return demand < MIN_DEMAND ? 0 : demand;
  }

  #ask(change: Pick<LeaseChange, 'use' | 'gone' | 'want'>): LeaseChange {
    this.#asking += 1;
    this.#left -= change.use;
    this.#known -= change.gone;
    return { ...change, window: this.#window };
  }
}
