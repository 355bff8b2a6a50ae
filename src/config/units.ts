const DURATION_UNITS = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const SIZE_UNITS = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
]);
/** What timers and most counters can hold. */
const LARGEST = 2 ** 31 - 1;

function parse(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, number, unit = ''] = /^(\d+)\s*([a-z]+)$/i.exec(text) ?? [];
  const value = Number(number) * (units.get(unit.toLowerCase()) ?? 0);
  return value > 0 && value <= LARGEST ? value : undefined;
}

/** `"500ms"`, `"30s"`, `"10m"`, `"24h"`, `"7d"` → milliseconds; undefined for anything else, zero included. */
export const parseDuration = (text: string): number | undefined => parse(text, DURATION_UNITS);

const RATE = /^(\d+)\/(s|min|h)$/i;
const RATE_WINDOWS = new Map([
  ['s', 1],
  ['min', 60],
  ['h', 3_600],
]);

/** How much may be spent in how long. */
export interface Rate {
  readonly points: number;
  /** Seconds. */
  readonly window: number;
}

/** `"120/min"`, `"10/s"`, `"1000/h"`; undefined for anything else, zero included. */
export function parseRate(text: string): Rate | undefined {
  const [, number, unit = ''] = RATE.exec(text) ?? [];
  const points = Number(number);
  const window = RATE_WINDOWS.get(unit.toLowerCase());
  return window !== undefined && points > 0 && points <= LARGEST ? { points, window } : undefined;
}

/** `"512kb"`, `"1mb"` (powers of 1024) → bytes; undefined for anything else, zero included. */
export const parseSize = (text: string): number | undefined => parse(text, SIZE_UNITS);
