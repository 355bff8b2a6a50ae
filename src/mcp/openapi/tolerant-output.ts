import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import type { InputSchema } from '../decorators/mcp-tool.decorator.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/** Longer schemas are left out: a list of tools is part of the context of every model. */
const MAX_SCHEMA_LENGTH = 10_000;

/** Structured content of a tool whose API may answer other than its document says. */
export interface TolerantOutput {
  /** Schema without anything that a client could reject: names, descriptions and types only, and null everywhere. */
  readonly schema: JsonSchema;
  /** Returns the part of a value that matches the schema. */
  readonly matching: (value: unknown) => unknown;
}

/**
 * Clients reject a result that does not match the schema of its tool, and real APIs answer with more, fewer or other
 * members than their documents say. A member of another type is left out of the structured content; the text has it.
 *
 * @returns undefined if the schema is neither that of an object nor of a list, or too long
 */
export function tolerantOutput(schema: JsonSchema): TolerantOutput | undefined {
  const loose = loosened(schema);
  const type = typesOf(loose).find((one) => one === 'object' || one === 'array');
  if (type === undefined) return undefined;
  const root = { ...loose, type };
  if (JSON.stringify(root).length > MAX_SCHEMA_LENGTH) return undefined;
  return { schema: root, matching: (value) => matching(value, root) ?? (type === 'array' ? [] : {}) };
}

/** Wraps the schema. Values need no validation, because `matching` made them. */
export const asOutput = ({ schema }: TolerantOutput): InputSchema => ({
  '~standard': {
    version: 1,
    vendor: 'mcp',
    jsonSchema: { input: () => schema, output: () => schema },
    validate: (value) => (value === undefined ? { issues: [{ message: 'is missing' }] } : { value }),
  },
});

function loosened(schema: JsonSchema): JsonSchema {
  const { description, type, properties, items, additionalProperties, anyOf, allOf } = schema;
  const notes = description === undefined ? {} : { description };
  if (Array.isArray(anyOf)) {
    // The last alternative accepts what the document does not know.
    return { ...notes, anyOf: [...listIn(anyOf).map((part) => loosened(recordIn(part))), {}] };
  }
  const parts = listIn(allOf).map((part) => loosened(recordIn(part)));
  if (parts.length > 0) return { ...joined([...parts, loosened({ ...schema, allOf: undefined })]), ...notes };
  const types = new Set([type ?? typeOfKeywords(schema)].flat());
  if (types.size === 0) return notes;
  if (types.delete('integer')) types.add('number');
  return {
    ...notes,
    type: [...new Set([...types, 'null'])],
    ...(types.has('object') && {
      ...(isRecord(properties) && {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, member]) => [name, loosened(recordIn(member))]),
        ),
      }),
      ...(isRecord(additionalProperties) && { additionalProperties: loosened(additionalProperties) }),
    }),
    ...(types.has('array') && { items: loosened(recordIn(items)) }),
  };
}

const typeOfKeywords = ({ properties, additionalProperties, items }: JsonSchema): string[] => {
  if (isRecord(properties) || isRecord(additionalProperties)) return ['object'];
  return isRecord(items) ? ['array'] : [];
};

/** Joins the parts of an intersection. Returns an open schema if one of them is no object. */
function joined(parts: readonly JsonSchema[]): JsonSchema {
  const known = parts.filter((part) => part['type'] !== undefined || part['anyOf'] !== undefined);
  const [only] = known;
  if (only && known.length === 1) return only;
  if (!known.every((part) => typesOf(part).includes('object'))) return {};
  return {
    type: ['object', 'null'],
    properties: Object.fromEntries(known.flatMap((part) => Object.entries(recordIn(part['properties'])))),
  };
}

function matching(value: unknown, schema: JsonSchema): unknown {
  const { type, properties, items, additionalProperties } = schema;
  if (type === undefined || value === null) return value;
  if (!typesOf(schema).includes(typeName(value))) return undefined;
  if (Array.isArray(value)) return value.map((item) => matching(item, recordIn(items)) ?? null);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const known = recordIn(properties);
      const inner = Object.hasOwn(known, name) ? known[name] : additionalProperties;
      const found = isRecord(inner) ? matching(member, inner) : member;
      return found === undefined ? [] : [[name, found]];
    }),
  );
}

const typeName = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);
