import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import type { ResponseMapping } from '../decorators/open-api-options.js';
import { listIn } from '../../values/list-in.js';

/** Fields by name, or `*` for all names. An empty tree stands for the whole field. */
type Fields = ReadonlyMap<string, Fields>;

/** Narrows responses and their schema to the fields that callers get. */
export interface Narrowing {
  readonly value: (value: unknown) => unknown;
  readonly schema: (schema: JsonSchema) => JsonSchema;
}

/** @returns undefined if callers get all fields */
export function narrowingOf({ hide = [], keep = [] }: ResponseMapping): Narrowing | undefined {
  if (hide.length === 0 && keep.length === 0) return undefined;
  const hidden = fieldsOf(hide);
  const kept = fieldsOf(keep);
  const steps: [Fields, Mode][] = [
    ...(keep.length > 0 ? [[kept, 'keep'] satisfies [Fields, Mode]] : []),
    ...(hide.length > 0 ? [[hidden, 'hide'] satisfies [Fields, Mode]] : []),
  ];
  return {
    value: (value) => steps.reduce((left, [fields, mode]) => narrowValue(left, fields, mode), value),
    schema: (schema) => steps.reduce((left, [fields, mode]) => narrowSchema(left, fields, mode), schema),
  };
}

type Mode = 'keep' | 'hide';

const NOTHING: Fields = new Map();

function fieldsOf(paths: readonly string[]): Fields {
  const root = new Map<string, Fields>();
  // A shorter path includes the longer ones.
  for (const path of paths.toSorted((a, b) => b.length - a.length)) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let at = root;
    for (const name of names) {
      const next = new Map(at.get(name));
      at.set(name, next);
      at = next;
    }
    at.set(last, NOTHING);
  }
  return root;
}

/** Returns what the paths say below a name. */
const below = (fields: Fields, name: string): Fields | undefined => joined(fields.get(name), fields.get('*'));

/** Returns the fields to decide about within a member; undefined removes the member. */
function remaining(fields: Fields, name: string, mode: Mode): Fields | undefined {
  const found = below(fields, name);
  if (mode === 'keep') return found;
  return found === undefined ? NOTHING : found.size === 0 ? undefined : found;
}

function joined(one: Fields | undefined, other: Fields | undefined): Fields | undefined {
  if (!one || !other) return one ?? other;
  if (one.size === 0 || other.size === 0) return NOTHING;
  return new Map(
    [...one.keys(), ...other.keys()].map((name) => [name, joined(one.get(name), other.get(name)) ?? NOTHING]),
  );
}

function narrowValue(value: unknown, fields: Fields, mode: Mode): unknown {
  if (fields.size === 0) return value;
  if (Array.isArray(value)) return value.map((item) => narrowValue(item, fields, mode));
  // A text may have all fields of the object that it stands for.
  if (!isRecord(value)) return mode === 'keep' ? null : value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const rest = remaining(fields, name, mode);
      return rest ? [[name, narrowValue(member, rest, mode)]] : [];
    }),
  );
}

function narrowSchema(schema: JsonSchema, fields: Fields, mode: Mode): JsonSchema {
  if (fields.size === 0) return schema;
  const inner = (part: unknown): unknown => (isRecord(part) ? narrowSchema(part, fields, mode) : part);
  const { properties, items, additionalProperties, anyOf, allOf, required } = schema;
  const left = isRecord(properties)
    ? Object.fromEntries(
        Object.entries(properties).flatMap(([name, member]) => {
          const rest = remaining(fields, name, mode);
          return rest ? [[name, isRecord(member) ? narrowSchema(member, rest, mode) : member]] : [];
        }),
      )
    : undefined;
  return {
    ...schema,
    ...(left && { properties: left }),
    ...(left && { required: listIn(required).filter((name) => typeof name === 'string' && name in left) }),
    ...(isRecord(items) && { items: inner(items) }),
    // Other members may be among the fields too.
    ...(isRecord(additionalProperties) && { additionalProperties: {} }),
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map(inner) }),
    ...(Array.isArray(allOf) && { allOf: allOf.map(inner) }),
  };
}
