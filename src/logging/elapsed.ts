/** Milliseconds since a `performance.now()` value, rounded to two decimals for the log. */
export const elapsedSince = (start: number): number => Math.round((performance.now() - start) * 100) / 100;
