import { types } from 'pg';

const TIMESTAMPTZ: number = types.builtins.TIMESTAMPTZ;

/** Parser of pg for `timestamptz`, which accepts every style and time zone. */
const parseAny: (text: string) => unknown = types.getTypeParser(TIMESTAMPTZ);

const isOfPg = parseAny('2026-11-27 20:38:01+00') instanceof Date;

/** Parses a `timestamptz` like pg, but takes half the time in UTC. */
export function parseTimestamp(text: string): unknown {
  const isUtc = text.endsWith('+00') && text[10] === ' ' && text[4] === '-';
  return isUtc ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`) : parseAny(text);
}

/** Returns the parser of a type. The application may have replaced that of pg, before or after the start. */
export function parserOf(type: number): (text: string) => unknown {
  const parser: (text: string) => unknown = types.getTypeParser(type);
  return parser === parseAny && isOfPg ? parseTimestamp : parser;
}
