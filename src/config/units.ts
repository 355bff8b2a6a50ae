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
/** Maximum value of timers and most counters. */
const MAX_VALUE = 2 ** 31 - 1;

/** Returns a value that may be out of range; undefined for text of another format. */
function valueOf(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, number, unit = ''] = /^(\d+)\s*([a-z]+)$/i.exec(text) ?? [];
  const factor = units.get(unit.toLowerCase());
  return factor === undefined ? undefined : Number(number) * factor;
}

function parse(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const value = valueOf(text, units);
  return value !== undefined && value > 0 && value <= MAX_VALUE ? value : undefined;
}

/** Converts `"500ms"`, `"30s"`, `"10m"`, `"24h"` or `"7d"` to milliseconds; undefined for zero and invalid text. */
export const parseDuration = (text: string): number | undefined => parse(text, DURATION_UNITS);

/** Returns the rule that a duration of 0 breaks; undefined for other text. */
export const brokenZeroRule = (text: string): string | undefined =>
  valueOf(text, DURATION_UNITS) === 0 ? 'a duration cannot be 0' : undefined;

/** Returns the rule that a duration breaks; undefined for valid durations and text of another format. */
export const brokenDurationRule = (text: string): string | undefined =>
  (valueOf(text, DURATION_UNITS) ?? 0) > MAX_VALUE ? 'the maximum is 24d' : brokenZeroRule(text);

const RATE = /^(\d+)\/(s|min|h)$/i;
const RATE_WINDOWS = new Map([
  ['s', 1],
  ['min', 60],
  ['h', 3_600],
]);

/** Number of points per time window. */
export interface Rate {
  readonly points: number;
  /** Length of the window, seconds. */
  readonly window: number;
}

/** Parses `"120/min"`, `"10/s"` or `"1000/h"`; undefined for zero and invalid text. */
export function parseRate(text: string): Rate | undefined {
  const [, number, unit = ''] = RATE.exec(text) ?? [];
  const points = Number(number);
  const window = RATE_WINDOWS.get(unit.toLowerCase());
  return window !== undefined && points > 0 && points <= MAX_VALUE ? { points, window } : undefined;
}

/** Converts `"512kb"` or `"1mb"` (powers of 1024) to bytes; undefined for zero and invalid text. */
export const parseSize = (text: string): number | undefined => parse(text, SIZE_UNITS);
