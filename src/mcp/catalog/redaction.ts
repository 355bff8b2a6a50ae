import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { REDACTED } from '../../values/redacted.js';
import { REDACT_KEYWORD } from '../dto/redact.js';
import { resolved } from './published-schema/references.js';
import { subschemas } from './published-schema/subschemas.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

const ALTERNATIVES = ['allOf', 'anyOf', 'oneOf'];
const CONDITIONALS = ['if', 'then', 'else'];

/**
 * Replaces the values that a schema marks. Arguments may be invalid, so what does not fit the schema counts as marked if
 * the schema marks anything there: a member with an unknown name, or text in place of an object.
 */
export class Redaction {
  readonly #isLeading = new Map<JsonSchema, boolean>();

  private constructor(private readonly document: JsonSchema) {}

  /** Returns the redaction of a schema; undefined if the schema marks nothing. */
  static of(document: JsonSchema): Redaction | undefined {
    return [...subschemas(document)].some(({ schema }) => REDACT_KEYWORD in schema)
      ? new Redaction(document)
      : undefined;
  }

  /** Redacts the value of an argument. */
  argument(name: string, value: unknown): unknown {
    const root = this.#possible([this.document]);
    return root.some(isMarked) ? REDACTED : this.#member(root, name, value);
  }

  #member(owners: readonly JsonSchema[], name: string, value: unknown): unknown {
    const schemas = owners.flatMap((owner) => memberSchemas(owner, name));
    return schemas.length === 0 ? REDACTED : this.#redact(value, schemas);
  }

  #redact(value: unknown, schemas: readonly unknown[]): unknown {
    const possible = this.#possible(schemas);
    if (possible.some(isMarked)) return REDACTED;
    if (value === null || !possible.some((schema) => this.#leads(schema))) return value;
    if (Array.isArray(value)) {
      return value.map((element: unknown, index) => {
        const elements = possible.flatMap((schema) => elementSchemas(schema, index));
        return elements.length === 0 ? REDACTED : this.#redact(element, elements);
      });
    }
    if (isRecord(value)) {
      if (possible.some(({ propertyNames }) => this.#possible([propertyNames]).some(isMarked)))
        return REDACTED;
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, this.#member(possible, name, member)]),
      );
    }
    return possible.some((schema) => !this.#leads(schema) && admits(schema, value)) ? value : REDACTED;
  }

  /** Returns all schemas that may apply to the same value: references and alternatives are followed. */
  #possible(schemas: readonly unknown[]): JsonSchema[] {
    const found = new Set<JsonSchema>();
    const visit = (schema: unknown): void => {
      if (!isRecord(schema) || found.has(schema)) return;
      found.add(schema);
      if (typeof schema['$ref'] === 'string') visit(this.#resolved(schema['$ref']));
      for (const keyword of ALTERNATIVES) listIn(schema[keyword]).forEach(visit);
      for (const keyword of CONDITIONALS) visit(schema[keyword]);
      if (isRecord(schema['dependentSchemas'])) Object.values(schema['dependentSchemas']).forEach(visit);
    };
    schemas.forEach(visit);
    return [...found];
  }

  /** Whether a schema marks a value, or a part of one. */
  #leads(schema: JsonSchema): boolean {
    const known = this.#isLeading.get(schema);
    if (known !== undefined) return known;
    const open = new Set([schema]);
    let isLeading = false;
    for (const { $defs: _modern, definitions: _older, ...own } of open) {
      for (const { schema: part } of subschemas(own)) {
        isLeading ||= REDACT_KEYWORD in part;
        if (typeof part['$ref'] === 'string') open.add(this.#resolved(part['$ref']));
      }
    }
    this.#isLeading.set(schema, isLeading);
    return isLeading;
  }

  /** Resolves a reference. One that cannot be resolved may mark anything. */
  #resolved(reference: string): JsonSchema {
    return resolved(this.document, reference) ?? UNKNOWN;
  }
}

const UNKNOWN: JsonSchema = { [REDACT_KEYWORD]: true };

const isMarked = (schema: JsonSchema): boolean => schema[REDACT_KEYWORD] === true;

function memberSchemas(owner: JsonSchema, name: string): readonly unknown[] {
  const { properties, patternProperties, additionalProperties } = owner;
  const matching = Object.entries(recordIn(patternProperties))
    .filter(([pattern]) => matches(pattern, name))
    .map(([, schema]) => schema);
  const described =
    isRecord(properties) && Object.hasOwn(properties, name) ? [properties[name], ...matching] : matching;
  if (described.length > 0) return described;
  // An empty schema describes nothing, so the name is unknown: it may be a marked one with a typing error.
  return isRecord(additionalProperties) && Object.keys(additionalProperties).length > 0
    ? [additionalProperties]
    : [];
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name);
  } catch {
    return false;
  }
}

function elementSchemas(
  { prefixItems, items, additionalItems, contains }: JsonSchema,
  index: number,
): unknown[] {
  const places = [...listIn(prefixItems), ...listIn(items)];
  const own = index < places.length ? places[index] : Array.isArray(items) ? additionalItems : items;
  return [own, contains].filter(isRecord);
}

function admits(schema: JsonSchema, value: unknown): boolean {
  const types = typesOf(schema);
  return types.includes(typeof value) || (typeof value === 'number' && types.includes('integer'));
}
