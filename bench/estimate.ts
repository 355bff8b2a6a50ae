import type { Options } from './options.js';
import { LEAD_IN, MAX_WARM_UP } from './rounds.js';

/** Typical times in seconds. */
const START_OF_PROCESS = 1.5;
const REQUESTS_PER_SECOND = 5_000;
const OVERHEAD_OF_MEASUREMENT = 0.15;
const ROUND_OF_UNSEEN_TOKENS = 4;

/** Duration of a run in minutes, without the installation of other servers. */
export function estimatedMinutes(
  {
    rows,
    groups,
    processes,
    windows,
    leadIns,
  }: { rows: number; groups: number; processes: number; windows: number; leadIns: number },
  { rounds, starts, restart, seconds, warmup, window, windows: windowsOfEach }: Options,
): number {
  const warmUps = (restart ? rounds : starts) * rows * Math.min(MAX_WARM_UP, warmup / REQUESTS_PER_SECOND);
  const startTimes = (restart ? rounds * rows : starts * processes) * START_OF_PROCESS;
  const measurements = rounds * groups * (leadIns / rows + seconds + OVERHEAD_OF_MEASUREMENT);
  const latencies = windows * windowsOfEach * (LEAD_IN + window + OVERHEAD_OF_MEASUREMENT);
  const tokens = windows > 0 ? (rounds + 1) * ROUND_OF_UNSEEN_TOKENS : 0;
  return (startTimes + warmUps + measurements + latencies + tokens) / 60;
}
