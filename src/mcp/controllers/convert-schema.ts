import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { PUBLISHED_FORMATS } from '../catalog/published-schema/outputs.js';
import { foreignConstructs, patternFault } from '../catalog/published-schema/patterns.js';
import { type ApiDocument, plainText, targetOf } from './api-document.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/** Maximum number of schemas in the arguments, or the result, of a tool. More would fill the context of a model. */
const MAX_SCHEMAS = 1_500;
const MAX_DEPTH = 24;
const MAX_DESCRIPTION_LENGTH = 1_000;

/** Thrown for a schema with too many parts. */
export class TooManySchemasError extends Error {
  constructor() {
    super(`has more than ${MAX_SCHEMAS} parts. Leave out parameters that a model does not need.`);
  }
}

/** Keywords with a plain value that mean the same everywhere. Others are left out: the API itself checks its input. */
const PLAIN = [
  'default',
  'enum',
  'const',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];

/**
 * Converts schemas of one tool to JSON Schema 2020-12 without references, which some clients reject. A schema that
 * contains itself is cut where it repeats.
 */
export class SchemaConverter {
  readonly #document: ApiDocument;
  readonly #hidden: 'readOnly' | 'writeOnly';
  #count = 0;

  /** @param direction decides whether members that are only read, or only written, are left out */
  constructor(document: ApiDocument, direction: 'input' | 'output') {
    this.#document = document;
    this.#hidden = direction === 'input' ? 'readOnly' : 'writeOnly';
  }

  /**
   * @throws {TooManySchemasError}
   * @throws {Error} when a reference leads out of the document
   */
  convert(schema: unknown, parents: readonly object[] = []): JsonSchema {
    if (++this.#count > MAX_SCHEMAS) throw new TooManySchemasError();
    const { node, notes } = this.#followed(schema);
    if (parents.includes(node) || parents.length === MAX_DEPTH) return cut(node, notes);
    const inner = [...parents, node];
    const members = this.#members(node, inner);
    const json: JsonSchema = {
      ...typeOf(node),
      ...describe(notes['description'] ?? node['description']),
      ...pick(node, PLAIN),
      ...limits(node),
      ...texts(node),
      ...members,
      ...this.#items(node, inner),
      ...this.#unions(node, inner),
    };
    return isNullable(node) && this.#document.is30 ? orNull(json) : json;
  }

  /** Follows references. Descriptions next to a reference describe its use. */
  #followed(schema: unknown): { readonly node: JsonSchema; readonly notes: JsonSchema } {
    let node = recordIn(schema);
    const notes: JsonSchema = {};
    const seen = new Set<object>();
    while (typeof node['$ref'] === 'string') {
      if (seen.has(node)) return { node: {}, notes };
      seen.add(node);
      if (notes['description'] === undefined) notes['description'] = node['description'];
      node = targetOf(this.#document.root, node['$ref']);
    }
    return { node, notes };
  }

  #members(node: JsonSchema, parents: readonly object[]): JsonSchema {
    const { properties, additionalProperties, required } = node;
    const kept = Object.entries(recordIn(properties)).filter(
      ([, member]) =>
        this.#followed(member).node[this.#hidden] !== true && recordIn(member)[this.#hidden] !== true,
    );
    const shown = new Set(kept.map(([name]) => name));
    const needed = listIn(required).filter(
      (name) => typeof name === 'string' && (shown.has(name) || !Object.hasOwn(recordIn(properties), name)),
    );
    return {
      ...(isRecord(properties) && {
        properties: Object.fromEntries(kept.map(([name, member]) => [name, this.convert(member, parents)])),
      }),
      ...(needed.length > 0 && { required: needed }),
      ...(isRecord(additionalProperties) && {
        additionalProperties: this.convert(additionalProperties, parents),
      }),
    };
  }

  #items(node: JsonSchema, parents: readonly object[]): JsonSchema {
    if (isRecord(node['items'])) return { items: this.convert(node['items'], parents) };
    // VS Code rejects an array without items.
    return typesOf(node).includes('array') ? { items: {} } : {};
  }

  #unions(node: JsonSchema, parents: readonly object[]): JsonSchema {
    const convertAll = (list: unknown): JsonSchema[] =>
      listIn(list).map((part) => this.convert(part, parents));
    const alternatives = [...convertAll(node['oneOf']), ...convertAll(node['anyOf'])];
    const parts = convertAll(node['allOf']);
    return {
      // Values often match several alternatives of a oneOf that its author believed to be exclusive.
      ...(alternatives.length > 0 && { anyOf: alternatives }),
      ...(parts.length > 0 && { allOf: parts }),
    };
  }
}

const typeOf = (node: JsonSchema): JsonSchema => (node['type'] === undefined ? {} : { type: node['type'] });

const isNullable = ({ nullable, type }: JsonSchema): boolean => nullable === true && type !== undefined;

function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema;
  return {
    ...schema,
    type: [...typesOf({ type }), 'null'],
    ...(Array.isArray(values) && !values.includes(null) && { enum: [...values, null] }),
  };
}

/** Describes a schema that repeats without repeating it. */
const cut = (node: JsonSchema, notes: JsonSchema): JsonSchema => ({
  ...typeOf(node),
  ...(typesOf(node).includes('array') && { items: {} }),
  ...describe(notes['description'] ?? node['description']),
});

/** Describes a schema, if there is a description. */
export const describe = (description: unknown): JsonSchema => {
  if (typeof description !== 'string' || description.trim() === '') return {};
  const text = plainText(description);
  return {
    description:
      text.length > MAX_DESCRIPTION_LENGTH ? `${text.slice(0, MAX_DESCRIPTION_LENGTH - 1)}…` : text,
  };
};

const pick = (node: JsonSchema, keywords: readonly string[]): JsonSchema =>
  Object.fromEntries(
    keywords.filter((keyword) => keyword in node).map((keyword) => [keyword, node[keyword]]),
  );

/** Converts exclusive limits, which are booleans in OpenAPI 3.0. Clients divide in floating point, so only integers divide. */
function limits(node: JsonSchema): JsonSchema {
  const { exclusiveMinimum: above, exclusiveMaximum: below, minimum, maximum, multipleOf } = node;
  return {
    ...(typeof above === 'number' && { exclusiveMinimum: above }),
    ...(typeof below === 'number' && { exclusiveMaximum: below }),
    ...(above === true && typeof minimum === 'number' && { exclusiveMinimum: minimum }),
    ...(below === true && typeof maximum === 'number' && { exclusiveMaximum: maximum }),
    ...(Number.isInteger(multipleOf) && { multipleOf }),
  };
}

/** Keeps formats and patterns that all clients understand. */
function texts({ format, pattern }: JsonSchema): JsonSchema {
  const isPortable =
    typeof pattern === 'string' &&
    patternFault(pattern) === undefined &&
    foreignConstructs(pattern).length === 0;
  return { ...(PUBLISHED_FORMATS.has(format) && { format }), ...(isPortable && { pattern }) };
}

/** Whether a schema stands for bytes, which a tool takes as Base64. */
export const isBinary = (node: unknown): boolean => {
  const { format, contentEncoding, contentMediaType } = recordIn(node);
  return (
    format === 'binary' ||
    format === 'byte' ||
    contentEncoding === 'base64' ||
    (typeof contentMediaType === 'string' && !/json|text/.test(contentMediaType))
  );
};
