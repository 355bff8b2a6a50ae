/** How many calls of two organizations a spec makes at the same time. `npm run test:isolation` makes 20,000. */
export const ISOLATION_CALLS = Number(process.env['ISOLATION_CALLS'] ?? 1_000);
