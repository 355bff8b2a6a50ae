import { listIn } from '../../values/list-in.js';
import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';
import { resolved } from '../dto/references.js';
import { invalid } from './invalid-argument.js';

/** Refuses an argument that has the text of a number which would lose digits in its handler. */
type CheckTexts = (name: string, value: unknown) => void;

/** Whether a value has the text of a number which would lose digits. */
type Loses = (value: unknown) => boolean;

/**
 * Returns the check of an argument with this schema; undefined if it has no number that may be sent as a text.
 *
 * @param definitions definitions that the schema refers to
 * @throws {Refusal} the check, when a text stands for a number beyond 2^53
 */
export function exactTexts(schema: unknown, definitions: JsonSchema): CheckTexts | undefined {
  const loses = lossIn(schema, { $defs: definitions }, new Map());
  return (
    loses &&
    ((name, value) => {
      if (loses(value)) throw losesDigits(name);
    })
  );
}

/** @param known checks of the definitions, which may contain themselves */
function lossIn(schema: unknown, root: JsonSchema, known: Map<string, Loses>): Loses | undefined {
  if (!isRecord(schema)) return undefined;
  const { items, properties, anyOf, $ref: reference } = schema;
  const lossOf = (inner: unknown): Loses | undefined => lossIn(inner, root, known);
  if (typeof reference === 'string') {
    return (value) => {
      let loses = known.get(reference);
      if (!loses) known.set(reference, (loses = lossOf(resolved(schema, root)) ?? never));
      return loses(value);
    };
  }
  const types = typesOf(schema);
  const isNumber = (types.includes('integer') || types.includes('number')) && !types.includes('string');
  const inItem = lossOf(items);
  const inMembers = Object.entries(recordIn(properties)).flatMap(([key, member]) => {
    const loses = lossOf(member);
    return loses ? [{ key, loses }] : [];
  });
  const alternatives = listIn(anyOf).filter((one) => recordIn(one)['type'] !== 'null');
  const inAlternatives = alternatives.flatMap((one) => lossOf(one) ?? []);
  const isInAll = alternatives.length > 0 && inAlternatives.length === alternatives.length;
  if (!isNumber && !inItem && inMembers.length === 0 && !isInAll) return undefined;
  return (value) => {
    if (isInAll && inAlternatives.every((loses) => loses(value))) return true;
    if (typeof value === 'string') {
      if (isNumber) return isInexact(Number(value));
      // ParseArrayPipe separates the parts of a text.
      return inItem !== undefined && value.split(',').some(inItem);
    }
    if (Array.isArray(value)) return inItem !== undefined && value.some(inItem);
    return isRecord(value) && inMembers.some(({ key, loses }) => loses(value[key]));
  };
}

const never: Loses = () => false;

/** @throws {Refusal} when a number is beyond 2^53 */
export function requireExact(name: string, value: number): void {
  if (isInexact(value)) throw losesDigits(name);
}

const isInexact = (value: number): boolean => Math.abs(value) > Number.MAX_SAFE_INTEGER;

const losesDigits = (name: string): Error =>
  invalid(
    name,
    `has a number beyond ${Number.MAX_SAFE_INTEGER}, which loses digits. If the schema allows a string, pass the digits as a string`,
  );
