import type { Options } from './options.js';
import { LEAD_IN } from './rounds.js';

/** Typical times in seconds. */
const START_OF_PROCESS = 1.5;
const OVERHEAD_OF_MEASUREMENT = 0.15;
const ROUND_OF_UNSEEN_TOKENS = 4;

/** Duration of a run in minutes, without the installation of other servers. */
export function estimatedMinutes(
  { rows, processes, windows }: { rows: number; processes: number; windows: number },
  { rounds, seconds, warmup, window, windows: windowsOfEach }: Options,
): number {
  const starts = processes * START_OF_PROCESS + rows * warmup;
  const measurements = rows * rounds * (LEAD_IN + seconds + OVERHEAD_OF_MEASUREMENT);
  const latencies = windows * windowsOfEach * (LEAD_IN + window + OVERHEAD_OF_MEASUREMENT);
  const tokens = windows > 0 ? (rounds + 1) * ROUND_OF_UNSEEN_TOKENS : 0;
  return (starts + measurements + latencies + tokens) / 60;
}
