import { isDeepStrictEqual } from 'node:util';

import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';
import type { Derivation, Member } from './derivation.js';

/** Texts that common transformations, such as a trim or a change of case, return unchanged: one is a date. */
const TEXTS = ['1', '2027-01-31T00:00:00.000Z'];

/** Value that a schema describes, and what the transformations of the member return for it. */
interface Trial {
  readonly sample: unknown;
  readonly output: unknown;
}

/**
 * Returns the schema of the input of a member with `@Transform()`. The decorators check what the transformation returns:
 * `value.split(',')` takes a text, but its decorators describe a list. So the transformation runs with values that the
 * schema describes. If it returns them in the same form, the schema describes the input too. If it returns others of the
 * same type, as `Math.round(value * 100)` does, only the type does.
 *
 * @param checked schema of what the transformation returns
 * @param stated schema of the input that the author states; undefined for none
 */
export function transformedInput(
  checked: JsonSchema,
  stated: JsonSchema | undefined,
  member: Member,
  derivation: Derivation,
): JsonSchema {
  const alternatives = alternativesFor(checked).map((samples) =>
    samples.map((sample): Trial => ({ sample, output: transformed(sample, member, derivation) })),
  );
  if (alternatives.some((trials) => trials.every(({ sample, output }) => hasForm(output, sample)))) {
    return checked;
  }
  return stated ?? commonType(alternatives.flat()) ?? {};
}

/** Returns what the transformations of a member return for a value; undefined if they fail. */
function transformed(
  sample: unknown,
  { owner, key, name }: Member,
  { packages, options }: Derivation,
): unknown {
  try {
    const dto: object = packages.transformer.plainToInstance(
      owner,
      { [key]: structuredClone(sample) },
      // Keeps the transformations of the other members from running.
      { ...options.transformOptions, exposeDefaultValues: true },
    );
    return Reflect.get(dto, name);
  } catch {
    return undefined;
  }
}

/** Returns the type of all samples and outputs. Equal outputs are none of a type that the transformation takes. */
function commonType(trials: readonly Trial[]): JsonSchema | undefined {
  const [type, ...others] = trials.flatMap(({ sample, output }) => [typeSchema(sample), typeSchema(output)]);
  const outputs = new Set(trials.map(({ output }) => JSON.stringify(output)));
  const isCommon = others.every((other) => isDeepStrictEqual(other, type));
  return isCommon && outputs.size === trials.length ? type : undefined;
}

/** Returns sets of values that a schema describes. A transformation must keep one of the sets. */
function alternativesFor(schema: JsonSchema): readonly (readonly unknown[])[] {
  const { type, enum: values, items } = schema;
  if ('const' in schema) return [[schema['const']]];
  if (Array.isArray(values)) return [values];
  if (type === 'string') return TEXTS.map((text) => [text]);
  if (type === 'number' || type === 'integer') return [[1]];
  if (type === 'boolean') return [[true, false]];
  if (type === 'array') return alternativesFor(recordIn(items)).map((elements) => [elements]);
  return [[{}]];
}

/** Whether a value is equal to a sample. Of an object, only the type counts. */
function hasForm(value: unknown, sample: unknown): boolean {
  if (value instanceof Date) return value.toJSON() === sample;
  if (!Array.isArray(sample)) return isRecord(sample) ? isRecord(value) : value === sample;
  const elements: unknown = value instanceof Set ? [...value] : value;
  return (
    Array.isArray(elements) &&
    elements.length > 0 &&
    elements.every((element, index) => hasForm(element, sample[index]))
  );
}

/** Returns the JSON type of a value, and of the elements of a list; undefined for a value that JSON has none of. */
function typeSchema(value: unknown): JsonSchema | undefined {
  if (value instanceof Date) return typeSchema(value.toJSON());
  if (Array.isArray(value))
    return value.length > 0 ? { type: 'array', items: typeSchema(value[0]) } : undefined;
  if (isRecord(value)) return { type: 'object' };
  return ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
    ? { type: typeof value }
    : undefined;
}
