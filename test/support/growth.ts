const ROUNDS = 4;
/** Maximum number of measurements. Other processes, and the collection of garbage, can disturb all rounds of one. */
const MAX_MEASUREMENTS = 3;
/** Shorter times are mostly noise. The time of quadratic work must be far beyond. */
const RESOLUTION_US = 5_000;

/**
 * Measures how much more CPU time the work takes for four times the size: about 4 times if each part is looked at once,
 * 16 times if each part is compared with all others. Unlike a time limit, this says the same on a slow machine.
 */
export async function growth(size: number, work: (size: number) => unknown): Promise<number> {
  let least = Infinity;
  for (let count = 0; count < MAX_MEASUREMENTS && least >= LINEAR; count++) {
    const times = [await leastTime(() => work(4 * size)), await leastTime(() => work(size))];
    least = Math.min(least, times[0]! / Math.max(times[1]!, RESOLUTION_US));
  }
  return least;
}

/** The upper bound of `growth` for linear work. */
export const LINEAR = 9;

/** The least time is the one with the fewest disturbances, such as the compiler and other processes. */
async function leastTime(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    await work();
    times.push(process.cpuUsage(before).user);
  }
  return Math.min(...times);
}
