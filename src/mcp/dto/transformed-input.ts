import { isRecord } from '../../values/is-record.js';
import type { Derivation, Member } from './derivation.js';
import type { JsonSchema } from './rule-keywords.js';

/** Texts that common transformations, such as a trim or a change of case, return unchanged: one is a date. */
const TEXTS = ['1', '2027-01-31T00:00:00.000Z'];

/**
 * Whether the schema of a member with `@Transform()` describes the input too. The decorators check what the
 * transformation returns: `value.split(',')` takes a text, but its decorators describe a list. So the transformation
 * runs with values that the schema describes, and must return them in the same form.
 */
export function describesInput(schema: JsonSchema, member: Member, derivation: Derivation): boolean {
  const { packages, options } = derivation;
  const isKept = (sample: unknown): boolean => {
    try {
      const dto: object = packages.transformer.plainToInstance(
        member.owner,
        { [member.key]: structuredClone(sample) },
        { ...options.transformOptions, exposeDefaultValues: true },
      );
      return hasForm(Reflect.get(dto, member.name), sample);
    } catch {
      return false;
    }
  };
  return alternativesFor(schema).some((samples) => samples.every(isKept));
}

/** Returns sets of values that a schema describes. A transformation must keep one of the sets. */
function alternativesFor({ type, enum: values, items }: JsonSchema): readonly (readonly unknown[])[] {
  if (Array.isArray(values)) return [values];
  if (type === 'string') return TEXTS.map((text) => [text]);
  if (type === 'number' || type === 'integer') return [[1]];
  if (type === 'boolean') return [[true, false]];
  if (type === 'array') return alternativesFor(isRecord(items) ? items : {}).map((elements) => [elements]);
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
