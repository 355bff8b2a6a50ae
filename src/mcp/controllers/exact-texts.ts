import { listIn } from '../../values/list-in.js';
import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';
import { resolved } from '../dto/references.js';
import { invalid } from './invalid-argument.js';

/** Refuses an argument that has the text of a number which would lose digits in its handler. */
type CheckTexts = (name: string, value: unknown) => void;

/** Verdicts about the values of one argument, by reference and value. */
type Verdicts = Map<string, Map<unknown, boolean>>;

/** Check of the values of a schema. */
interface Check {
  /** Whether a value may belong to the schema, judged by its type and its fixed members. */
  readonly holds: (value: unknown) => boolean;
  /** Whether a value has the text of a number which would lose digits; undefined if the schema has no number. */
  readonly loses: ((value: unknown, verdicts: Verdicts) => boolean) | undefined;
}

/**
 * Returns the check of an argument with this schema; undefined if it has no number that may be sent as a text.
 *
 * @param definitions definitions that the schema refers to
 * @throws {Refusal} the check, when a text stands for a number beyond 2^53
 */
export function exactTexts(schema: unknown, definitions: JsonSchema): CheckTexts | undefined {
  const { loses } = checkOf(schema, { $defs: definitions }, new Map());
  return (
    loses &&
    ((name, value) => {
      if (loses(value, new Map())) throw losesDigits(name);
    })
  );
}

/** @param known checks of the definitions, which may contain themselves */
function checkOf(schema: unknown, root: JsonSchema, known: Map<string, Check>): Check {
  const node = recordIn(schema);
  const { items, properties, anyOf, oneOf, $ref: reference } = node;
  const inner = (one: unknown): Check => checkOf(one, root, known);
  if (typeof reference === 'string') {
    return referring(reference, () => {
      const check = known.get(reference) ?? inner(resolved(node, root));
      known.set(reference, check);
      return check;
    });
  }
  const types = typesOf(node);
  const isNumber = types.some(isNumeric) && !types.includes('string');
  const inItem = isRecord(items) ? inner(items).loses : undefined;
  const members = Object.entries(recordIn(properties));
  const fixed = members.flatMap(([key, member]) => (fixedIn(member).length > 0 ? [{ key, member }] : []));
  const inMembers = members.flatMap(([key, member]) => {
    const { loses } = inner(member);
    return loses ? [{ key, loses }] : [];
  });
  const alternatives = [...listIn(anyOf), ...listIn(oneOf)].map(inner);
  const hasNumber =
    isNumber || inItem || inMembers.length > 0 || alternatives.some(({ loses }) => loses !== undefined);
  return {
    holds: (value) =>
      isOfType(types, value) &&
      isFixed(node, value) &&
      (!isRecord(value) ||
        fixed.every(({ key, member }) => value[key] === undefined || isFixed(member, value[key]))) &&
      (alternatives.length === 0 || alternatives.some(({ holds }) => holds(value))),
    loses: hasNumber
      ? (value, verdicts) => {
          const possible = alternatives.filter(({ holds }) => holds(value));
          if (possible.length > 0 && possible.every(({ loses }) => loses?.(value, verdicts))) return true;
          const isLost = (item: unknown): boolean => inItem?.(item, verdicts) === true;
          if (typeof value === 'string') {
            // ParseArrayPipe separates the parts of a text.
            return isNumber
              ? isInexact(Number(value))
              : inItem !== undefined && value.split(',').some(isLost);
          }
          if (Array.isArray(value)) return value.some(isLost);
          return isRecord(value) && inMembers.some(({ key, loses }) => loses(value[key], verdicts));
        }
      : undefined,
  };
}

/** Judges each value once, because the alternatives of each level may share the levels below. */
const referring = (reference: string, check: () => Check): Check => ({
  holds: (value) => check().holds(value),
  loses: (value, verdicts) => {
    const judged = verdicts.get(reference) ?? new Map<unknown, boolean>();
    verdicts.set(reference, judged);
    const verdict = judged.get(value) ?? check().loses?.(value, verdicts) ?? false;
    judged.set(value, verdict);
    return verdict;
  },
});

const isNumeric = (type: unknown): boolean => type === 'integer' || type === 'number';

/** Whether a value has one of these types. A text may stand for a number or a list. */
function isOfType(types: readonly unknown[], value: unknown): boolean {
  if (types.length === 0) return true;
  if (typeof value === 'string') {
    return types.some((type) => type === 'string' || type === 'array' || isNumeric(type));
  }
  if (typeof value === 'number') return types.some(isNumeric);
  if (Array.isArray(value)) return types.includes('array');
  return types.includes(value === null ? 'null' : typeof value);
}

/** Returns the only values that a schema allows; none if it allows others. */
function fixedIn(schema: unknown): readonly unknown[] {
  const { const: only, enum: several } = recordIn(schema);
  return only === undefined ? listIn(several) : [only];
}

/** Whether a schema names no values, or this one. */
function isFixed(schema: unknown, value: unknown): boolean {
  const values = fixedIn(schema);
  return values.length === 0 || values.some((one) => one === value || String(one) === value);
}

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
