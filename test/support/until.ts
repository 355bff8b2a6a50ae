import { setTimeout as pause } from 'node:timers/promises';

const INTERVAL_MS = 10;

/** Waits until a condition holds. */
export async function until(holds: () => boolean | Promise<boolean>, within = 20_000): Promise<void> {
  for (const end = performance.now() + within; !(await holds()); await pause(INTERVAL_MS)) {
    if (performance.now() > end) throw new Error(`The condition did not hold within ${within} ms.`);
  }
}

/** Waits until a value equals the expected one. Reports the difference if it never does. */
export async function eventually(
  read: () => Promise<unknown>,
  expected: unknown,
  within = 20_000,
): Promise<void> {
  for (const end = performance.now() + within; ; await pause(INTERVAL_MS)) {
    const found = await read();
    try {
      return expect(found).toEqual(expected);
    } catch (difference) {
      if (performance.now() > end) throw difference;
    }
  }
}
