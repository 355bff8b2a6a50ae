/** What a budget has counted. */
export interface Counted {
  /** Points spent in this window, with those just charged. */
  readonly consumed: number;
  /** Time until the window ends, milliseconds. */
  readonly untilReset: number;
}

/** Counts points, each key for itself, in a window that begins with its first charge. */
export interface Counter {
  /** @param seconds length of the window, if this charge begins one */
  consume(key: string, points: number, seconds: number): Counted | Promise<Counted>;
  /** Takes a charge back. Never fails; what cannot be taken back is forgotten when the window ends. */
  giveBack(key: string, points: number, seconds: number): void;
}
