import type { Failures } from './failures.js';
import { pace } from './load/pace.js';
import type { Options } from './options.js';
import { print } from './print.js';
import type { ReadyCase } from './line-up.js';
import { LEAD_IN, type Measured } from './rounds.js';
import { median, medianOrNull, percentile } from './statistics.js';
import { stolenTime } from './stolen-time.js';

/** Time beyond a window after which its measurement has failed, in seconds. */
const PATIENCE = 60;

/** Latencies of a window, in milliseconds. */
interface Tail {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly longest: number;
  /** Share of the time of all processors that the host of the machine took away, 0 to 1; null if it is unknown. */
  readonly stolen: number | null;
}

/** Latency of a server at half of its maximum throughput. */
export interface Latency extends Tail {
  readonly server: string;
  readonly era: string;
  readonly operation: string;
  /** Requests per second during the measurement. */
  readonly rate: number;
  /** `p99` of each window; null if it failed. The other values are medians, and `longest` is the maximum. */
  readonly p99s: readonly (number | null)[];
}

/** Measured case whose server still runs. */
export type Paced = Measured & ReadyCase;

/**
 * Measures the cases in turn, each at half of its own maximum throughput. Leaves out cases that failed in each window.
 */
export async function latenciesAtHalf(
  cases: readonly Paced[],
  options: Options,
  failures: Failures,
): Promise<Latency[]> {
  const windows = new Map(cases.map((entry): [Paced, (Tail | undefined)[]] => [entry, []]));
  for (let window = 1; window <= options.windows; window++) {
    for (const entry of cases) {
      const name = `window ${window}, ${entry.server}, ${entry.era}, latency`;
      const tail = await failures.attempt(name, options.window + PATIENCE, (ended) =>
        measure(entry, options, ended),
      );
      windows.get(entry)?.push(tail);
      if (tail) print(`p99 ${tail.p99.toFixed(2).padStart(7)} ms  ${name}`);
    }
  }
  return [...windows].flatMap(([{ server, era, operation, requestsPerSecond }, all]) => {
    const taken = all.filter((tail) => tail !== undefined);
    if (taken.length === 0) return [];
    const middle = (key: 'p50' | 'p99' | 'p999'): number => median(taken.map((tail) => tail[key]));
    return {
      server,
      era,
      operation,
      rate: requestsPerSecond / 2,
      p50: middle('p50'),
      p99: middle('p99'),
      p999: middle('p999'),
      longest: Math.max(...taken.map(({ longest }) => longest)),
      stolen: medianOrNull(taken.map(({ stolen }) => stolen)),
      p99s: all.map((tail) => tail?.p99 ?? null),
    };
  });
}

async function measure(
  { running, exchange, requestsPerSecond }: Paced,
  { connections, window }: Options,
  signal: AbortSignal,
): Promise<Tail> {
  const pacing = { connections, rate: requestsPerSecond / 2, signal };
  await pace(running.url, [exchange], { ...pacing, seconds: LEAD_IN });
  const stolen = stolenTime();
  const latencies = await pace(running.url, [exchange], { ...pacing, seconds: window });
  running.emptyLog();
  return {
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    p999: percentile(latencies, 99.9),
    longest: percentile(latencies, 100),
    stolen: stolen(),
  };
}
