/**
 * Returns a function that tells whether it is time again, such as for a line in the log: true at first, and then once in
 * each interval.
 *
 * @param interval milliseconds
 */
export function oncePer(interval: number): () => boolean {
  let latest = -Infinity;
  return () => {
    const now = performance.now();
    if (now - latest < interval) return false;
    latest = now;
    return true;
  };
}
