let last: Promise<void> = Promise.resolve();

/**
 * Waits for a turn for something that keeps the process busy for milliseconds. There is one such turn in a round of the
 * event loop, so that everything else has its turn in between.
 */
export function ownTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => void setImmediate(resolve)));
  return last;
}
