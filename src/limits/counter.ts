/** State of a budget after a charge. */
export interface Counted {
  /** Points spent in this window, including this charge. */
  readonly consumed: number;
  /** Time until the window ends, milliseconds. */
  readonly untilReset: number;
}

/** Counts points for each key. The window of a key begins with its first charge. */
export interface Counter {
  /** Whether Redis did not answer the latest charge, so that this instance counts on its own. */
  readonly isDegraded?: boolean;
  /** @param seconds length of the window, if this charge begins a new window */
  consume(key: string, points: number, seconds: number): Counted | Promise<Counted>;
  /** Refunds a charge. Never fails: points that cannot be refunded expire with the window. */
  giveBack(key: string, points: number, seconds: number): void;
}
