import { setTimeout as pause } from 'node:timers/promises';

const SHORTEST_INTERVAL_MS = 10;
const LONGEST_INTERVAL_MS = 50;

/** Pauses longer the longer it has taken: most conditions hold soon, and a look may cost a request. */
const pauseSince = (start: number): Promise<void> =>
  pause(Math.min(LONGEST_INTERVAL_MS, SHORTEST_INTERVAL_MS + (performance.now() - start) / 10));

/** Waits until a condition holds. */
export async function until(holds: () => boolean | Promise<boolean>, within = 20_000): Promise<void> {
  for (const start = performance.now(); !(await holds()); await pauseSince(start)) {
    if (performance.now() > start + within)
      throw new Error(`The condition did not hold within ${within} ms.`);
  }
}

/** Waits until a value equals the expected one. Reports the difference if it never does. */
export async function eventually(
  read: () => Promise<unknown>,
  expected: unknown,
  within = 20_000,
): Promise<void> {
  for (const start = performance.now(); ; await pauseSince(start)) {
    const found = await read();
    try {
      return expect(found).toEqual(expected);
    } catch (difference) {
      if (performance.now() > start + within) throw difference;
    }
  }
}
