import { megabytes } from '../memory/finding.js';
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

interface Line {
  readonly measured: string;
  readonly value: string;
  readonly target: string;
}

/** Compares the last third of the windows with the second one. In the first, caches fill and code is compiled. */
export function verdict(samples: readonly Sample[], errors: readonly string[]): { readonly lines: Line[] } {
  const third = Math.ceil(samples.length / 3);
  const middle = samples.slice(third, 2 * third);
  const last = samples.slice(2 * third);
  const growth =
    median(last.map(({ resident }) => resident)) - median(middle.map(({ resident }) => resident));
  const slowest = [middle, last].map((part) => median(part.map(({ p99 }) => p99)).toFixed(2));
  return {
    lines: [
      {
        measured: 'growth of the resident memory in the last third',
        value: megabytes(growth),
        target: '10 MB',
      },
      {
        measured: 'median p99 of the middle and the last third',
        value: `${slowest.join(' and ')} ms`,
        target: 'no growth',
      },
      { measured: 'error lines that no fault explains', value: String(errors.length), target: '0' },
    ],
  };
}
