/** Milliseconds since a `performance.now()`, to two decimals: what the log says of durations. */
export const elapsedSince = (start: number): number => Math.round((performance.now() - start) * 100) / 100;
