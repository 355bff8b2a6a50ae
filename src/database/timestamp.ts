import { types } from 'pg';

const TIMESTAMPTZ: number = types.builtins.TIMESTAMPTZ;

/** Parser of pg for `timestamptz`, which accepts every style and time zone. */
const parseAny: (text: string) => unknown = types.getTypeParser(TIMESTAMPTZ);

/** Code of the digit 0. */
const ZERO = 48;

const isOfPg = parseAny('2026-11-27 20:38:01+00') instanceof Date;

/** Parses a `timestamptz` like pg, but takes a fraction of the time in UTC. */
export function parseTimestamp(text: string): unknown {
  // `2026-11-27 20:38:01.123456+00`
  const isUtc = text.endsWith('+00') && text[10] === ' ' && text[4] === '-';
  const year = isUtc ? wholeNumber(text, 0, 4) : 0;
  // Date.UTC takes the years 0 to 99 for those of the 20th century.
  if (year < 100) return parseAny(text);
  const ms = wholeNumber(text.slice(20, -3).padEnd(3, '0'), 0, 3);
  const [month, day, hours] = [wholeNumber(text, 5, 7), wholeNumber(text, 8, 10), wholeNumber(text, 11, 13)];
  return new Date(
    Date.UTC(year, month - 1, day, hours, wholeNumber(text, 14, 16), wholeNumber(text, 17, 19), ms),
  );
}

/** Returns the number that the digits of a part of the text form. */
function wholeNumber(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) value = value * 10 + text.charCodeAt(index) - ZERO;
  return value;
}

/** Returns the parser of a type. The application may have replaced that of pg, before or after the start. */
export function parserOf(type: number): (text: string) => unknown {
  const parser: (text: string) => unknown = types.getTypeParser(type);
  return parser === parseAny && isOfPg ? parseTimestamp : parser;
}
