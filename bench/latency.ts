import { pace } from './load/pace.js';
import type { Options } from './options.js';
import { print } from './print.js';
import type { Measured } from './rounds.js';
import { median, percentile } from './statistics.js';

/** Latency of a server at half of its maximum throughput. */
export interface Latency {
  readonly server: string;
  readonly era: string;
  readonly operation: string;
  /** Requests per second during the measurement. */
  readonly rate: number;
  /** Median of the rounds in milliseconds, like `p99`. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Longest latency of all rounds, in milliseconds. */
  readonly longest: number;
}

/** Measures the cases in turn, each at half of its own maximum throughput. */
export async function latenciesAtHalf(cases: readonly Measured[], options: Options): Promise<Latency[]> {
  const rounds = new Map(cases.map((entry): [Measured, number[][]] => [entry, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const entry of cases) {
      const { running, exchange, requestsPerSecond } = entry;
      const pacing = {
        connections: options.connections,
        rate: requestsPerSecond / 2,
        seconds: options.window,
      };
      await pace(running.url, [exchange], { ...pacing, seconds: options.warmup });
      const latencies = await pace(running.url, [exchange], pacing);
      running.emptyLog();
      rounds.get(entry)?.push(latencies);
      print(
        `round ${round}  p99 ${percentile(latencies, 99).toFixed(2).padStart(7)} ms  ${entry.server}, ${entry.era}`,
      );
    }
  }
  return cases.map((entry) => {
    const own = rounds.get(entry) ?? [];
    const at = (share: number): number => median(own.map((latencies) => percentile(latencies, share)));
    const { server, era, operation, requestsPerSecond } = entry;
    return {
      server,
      era,
      operation,
      rate: requestsPerSecond / 2,
      p50: at(50),
      p99: at(99),
      p999: at(99.9),
      longest: Math.max(...own.map((latencies) => percentile(latencies, 100))),
    };
  });
}
