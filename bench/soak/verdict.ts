import { megabytes } from '../memory/application.js';
import type { Finding } from '../results.js';
import { median } from '../statistics.js';

/** State of the server after a window. */
export interface Sample {
  readonly minute: number;
  /** Bytes. */
  readonly resident: number;
  readonly heap: number;
  /** Milliseconds, with all requests of the window. */
  readonly p99: number;
}

const MAX_GROWTH = 10 * 2 ** 20;
/** Growth of p99 that is not noise of the machine. */
const MAX_TAIL_GROWTH = 1.25;

/** Compares the last third of the windows with the second one. In the first, caches fill and code is compiled. */
export function verdict(samples: readonly Sample[], errors: number): Finding[] {
  const third = Math.ceil(samples.length / 3);
  const parts = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const [before = NaN, after = NaN] = parts.map((part) => median(part.map(({ resident }) => resident)));
  const [middle = NaN, last = NaN] = parts.map((part) => median(part.map(({ p99 }) => p99)));
  return [
    {
      measured: 'growth of the resident memory in the last third',
      value: megabytes(after - before),
      target: megabytes(MAX_GROWTH),
      isMet: after - before <= MAX_GROWTH,
    },
    {
      measured: 'median p99 of the middle and the last third',
      value: `${middle.toFixed(2)} and ${last.toFixed(2)} ms`,
      target: `at most ${MAX_TAIL_GROWTH} times`,
      isMet: last <= middle * MAX_TAIL_GROWTH,
    },
    {
      measured: 'error lines that no fault explains',
      value: String(errors),
      target: '0',
      isMet: errors === 0,
    },
  ];
}
