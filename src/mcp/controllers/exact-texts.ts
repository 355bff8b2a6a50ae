import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';
import { invalid } from './invalid-argument.js';

/** Refuses an argument that has the text of a number which would lose digits in its handler. */
type CheckTexts = (name: string, value: unknown) => void;

/**
 * Returns the check of an argument with this schema; undefined if it has no number that may be sent as a text.
 *
 * @throws {Refusal} the check, when a text stands for a number beyond 2^53
 */
export function exactTexts(schema: unknown): CheckTexts | undefined {
  if (!isRecord(schema)) return undefined;
  const types: unknown[] = [schema['type']].flat();
  const isNumber = (types.includes('integer') || types.includes('number')) && !types.includes('string');
  const checkItem = exactTexts(schema['items']);
  const checks = Object.entries(recordIn(schema['properties'])).flatMap(([key, member]) => {
    const check = exactTexts(member);
    return check ? [{ key, check }] : [];
  });
  if (!isNumber && !checkItem && checks.length === 0) return undefined;
  return (name, value) => {
    if (typeof value === 'string') {
      if (isNumber) requireExact(name, Number(value));
      // ParseArrayPipe separates the parts of a text.
      else if (checkItem) for (const part of value.split(',')) checkItem(name, part);
    } else if (Array.isArray(value)) for (const one of value) checkItem?.(name, one);
    else if (isRecord(value)) for (const { key, check } of checks) check(name, value[key]);
  };
}

/** @throws {Refusal} when a number is beyond 2^53 */
export function requireExact(name: string, value: number): void {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || Number.isNaN(value)) return;
  throw invalid(
    name,
    `has a number beyond ${Number.MAX_SAFE_INTEGER}, which loses digits. If the schema allows a string, pass the digits as a string`,
  );
}
