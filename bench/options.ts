import { parseArgs } from 'node:util';

/** What a run is asked to do. */
export interface Options {
  /** How long each case is measured in each round, seconds. */
  readonly seconds: number;
  /** How long each case is driven before it is measured, seconds. */
  readonly warmup: number;
  readonly rounds: number;
  readonly connections: number;
  readonly peers: boolean;
  /** A checkout of another version, built with `npm run build:bench`, to compare with; undefined: none. */
  readonly against: string | undefined;
  /** Only the cases whose `server era operation` has one of these in it; empty: all of them. */
  readonly only: readonly string[];
  /** Whether to write what was measured, beside printing it. */
  readonly write: boolean;
}

/** Reads the flags of `npm run bench`. A run of other cases than usual writes nothing. */
export function readOptions(parameters: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      seconds: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '16' },
      peers: { type: 'boolean', default: false },
      against: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      'no-write': { type: 'boolean', default: false },
    },
  });
  return {
    seconds: positive('seconds', values.seconds),
    warmup: positive('warmup', values.warmup),
    rounds: positive('rounds', values.rounds),
    connections: positive('connections', values.connections),
    peers: values.peers,
    against: values.against,
    only: values.only,
    write: !values['no-write'] && values.only.length === 0 && values.against === undefined,
  };
}

/** @throws {Error} for what is no whole number above zero */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text} is not a positive number.`);
  return value;
}
