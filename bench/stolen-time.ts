import { readFileSync } from 'node:fs';

/** Position of the time that the host of a virtual machine took away (`steal`), and number of the times before guests'. */
const [STEAL, TIMES] = [7, 8];

/**
 * Begins to measure the time that the host of this virtual machine takes away, while its processors want to run.
 *
 * @returns function that returns its share of the time of all processors since then, 0 to 1; null if it is unknown
 */
export function stolenTime(): () => number | null {
  const before = processorTimes();
  return () => {
    const after = processorTimes();
    if (!before || !after) return null;
    const passed = after.total - before.total;
    return passed === 0 ? 0 : (after.stolen - before.stolen) / passed;
  };
}

/** Reads the times of all processors since the start of the machine, in ticks (proc_stat(5)). */
function processorTimes(): { readonly stolen: number; readonly total: number } | undefined {
  try {
    const line = /^cpu +([\d ]+)/.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
    const times = line?.split(' ').slice(0, TIMES).map(Number);
    return times && { stolen: times[STEAL] ?? 0, total: times.reduce((sum, time) => sum + time, 0) };
  } catch {
    return undefined; // not Linux
  }
}
