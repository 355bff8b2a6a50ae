import type { Allowance } from './allowance.js';
import type { Charge } from './charge.js';

/** Counts points of budgets. The window of a budget begins with its first charge. */
export interface Counter {
  /** Whether Redis did not answer the latest charge, so that this instance counts on its own. */
  readonly isDegraded?: boolean;
  /**
   * Charges all budgets of a caller, or none.
   *
   * @param tag text that the keys of the caller have in common, so that Redis Cluster keeps them together
   * @returns the allowance of each budget, or only the first one that refuses
   */
  charge(charges: readonly Charge[], tag: string): readonly Allowance[] | Promise<readonly Allowance[]>;
  /** Ends the use of leased points, and returns them. */
  close?(): Promise<void>;
}
