import { parseArgs } from 'node:util';

import { positive } from './flags.js';

/** Options of a run. */
export interface Options {
  /** Measurement time per case and round, in seconds. */
  readonly seconds: number;
  /** Length of each window in which latencies are measured, in seconds. */
  readonly window: number;
  /** Number of these windows for each server. */
  readonly windows: number;
  /** Number of requests of each case before the first round. */
  readonly warmup: number;
  readonly rounds: number;
  /** Number of times that all servers are started, evenly distributed over the rounds. */
  readonly starts: number;
  /** Whether servers are started anew for each round, one after the other. Then, no latencies are measured. */
  readonly restart: boolean;
  /**
   * Whether all cases of an era run at the same time, sharing the core of the servers. A disturbance of the
   * machine then affects them alike. Requests are counted per second of CPU time. No latencies are measured.
   */
  readonly together: boolean;
  readonly connections: number;
  readonly peers: boolean;
  /** Checkout of another version to compare with, built with `npm run build:bench`. */
  readonly against: string | undefined;
  /** Runs only cases whose `server era operation` matches one of these patterns. Empty: all cases. */
  readonly only: readonly RegExp[];
  /** Whether to write the results in addition to printing them. */
  readonly write: boolean;
}

const DEFAULT_STARTS = 3;

/**
 * Reads the flags of `npm run bench`. A run with `--only`, `--restart`, `--together` or `--against` writes no results.
 *
 * @throws {Error} if a flag is invalid
 */
export function readOptions(parameters: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      seconds: { type: 'string', default: '0.4' },
      window: { type: 'string', default: '30' },
      windows: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '30000' },
      rounds: { type: 'string', default: '15' },
      starts: { type: 'string' },
      restart: { type: 'boolean', default: false },
      together: { type: 'boolean', default: false },
      connections: { type: 'string', default: '16' },
      peers: { type: 'boolean', default: false },
      against: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      'no-write': { type: 'boolean', default: false },
    },
  });
  if (values.restart && values.together)
    throw new Error('--restart and --together exclude each other. Use only one of them.');
  const rounds = positive('rounds', values.rounds);
  const starts =
    values.starts === undefined ? Math.min(DEFAULT_STARTS, rounds) : positive('starts', values.starts);
  if (starts > rounds)
    throw new Error(`--starts ${starts} is more than --rounds ${rounds}. Use more rounds.`);
  return {
    seconds: duration('seconds', values.seconds),
    window: duration('window', values.window),
    windows: positive('windows', values.windows),
    warmup: positive('warmup', values.warmup),
    rounds,
    starts,
    restart: values.restart,
    together: values.together,
    connections: positive('connections', values.connections),
    peers: values.peers,
    against: values.against,
    only: values.only.map(pattern),
    write:
      !values['no-write'] &&
      !values.restart &&
      !values.together &&
      values.only.length === 0 &&
      values.against === undefined,
  };
}

/** @throws {Error} if the text is not a regular expression */
function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new Error(`--only ${text} is not a regular expression.`, { cause: error });
  }
}

/** @throws {Error} if the value is not a positive number */
function duration(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new Error(`--${name} ${text} is not a positive number.`);
  return value;
}
