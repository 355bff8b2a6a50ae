import type { Type } from '@nestjs/common';

import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';
import { listIn } from '../../values/list-in.js';
import { apiPropertiesOf, declaredTypeOf, type DtoPackages, loadDtoPackages } from '../dto/dto-metadata.js';
import { isDescribed } from '../dto/derivation.js';
import { deriveDto } from '../dto/dto-schema.js';
import { isClass, isFactory, resolvedType } from '../dto/is-class.js';
import { NAMED, withNull } from '../dto/member-schema.js';
import { enumOf } from './pipe-schemas.js';
import { DIGITS } from './tool-request.js';

const SIMPLE = new Map<unknown, JsonSchema>([
  ...NAMED,
  [BigInt, { type: ['integer', 'string'], pattern: DIGITS }],
  [Date, { type: 'string', format: 'date-time' }],
]);

/** Keywords that OpenAPI shares with JSON Schema. */
const KEYWORDS = (
  'title description default deprecated format pattern minimum maximum multipleOf minLength maxLength minItems maxItems ' +
  'uniqueItems minProperties maxProperties'
).split(' ');

/** Returns the schema of a type with one name for all its values, such as `String`. */
export const simpleSchema = (type: unknown): JsonSchema | undefined => SIMPLE.get(type);

/** Schema of a class, and definitions of the classes that contain themselves. */
export interface ClassSchema {
  readonly schema: JsonSchema;
  readonly definitions: JsonSchema;
}

/**
 * Returns the schema of a class that a request contains, by the decorators of class-validator, and by those of
 * @nestjs/swagger for members without.
 *
 * @throws {Error} that names what cannot be derived
 */
export function requestClassSchema(type: Type<object>): ClassSchema {
  const packages = dtoPackages();
  if (!isDescribed(type, packages)) {
    throw new Error(
      `${type.name} has no decorators of class-validator or @nestjs/swagger. Decorate each of its members.`,
    );
  }
  if (!packages) return documentedSchema(type);
  // The application's own ValidationPipe decides what to do with members without a decorator.
  const { schema } = deriveDto(type, { whitelist: false }, packages, memberSchema);
  return withoutRootReference(schema, type.name);
}

/** Returns the schema of a class with `@ApiProperty()` members. */
export function documentedSchema(type: Type<object>): ClassSchema {
  const definitions: JsonSchema = {};
  return { schema: classMembers(type, definitions, []), definitions };
}

/** Moves a schema that refers to its own root into the definitions, because its members move into another root. */
export function withoutRootReference({ $defs, ...schema }: JsonSchema, name: string): ClassSchema {
  const definitions = recordIn($defs);
  const text = JSON.stringify({ schema, definitions });
  if (!text.includes('"$ref":"#"')) return { schema, definitions };
  const moved: { schema: JsonSchema; definitions: JsonSchema } = JSON.parse(
    text.replaceAll('"$ref":"#"', `"$ref":"#/$defs/${name}"`),
  );
  return { schema: moved.schema, definitions: { ...moved.definitions, [name]: moved.schema } };
}

/** Loads class-validator if the application has it. */
function dtoPackages(): DtoPackages | undefined {
  try {
    return loadDtoPackages();
  } catch {
    return undefined;
  }
}

/** Returns the schema of a class, or a reference to it within itself. */
function classMembers(
  type: Type<object>,
  definitions: JsonSchema,
  open: readonly Type<object>[],
): JsonSchema {
  if (!open.includes(type)) return membersOf(type, definitions, [...open, type]);
  if (!(type.name in definitions)) {
    definitions[type.name] = {}; // its own members refer to it
    definitions[type.name] = membersOf(type, definitions, [type]);
  }
  return { $ref: `#/$defs/${type.name}` };
}

function membersOf(type: Type<object>, definitions: JsonSchema, open: readonly Type<object>[]): JsonSchema {
  const properties: JsonSchema = {};
  const required: string[] = [];
  for (const [name, options] of apiPropertiesOf(type)) {
    properties[name] = memberSchema(type, name, options, (inner) => classMembers(inner, definitions, open));
    if (options['required'] !== false) required.push(name);
  }
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

function memberSchema(
  owner: Type<object>,
  name: string,
  options: Readonly<Record<string, unknown>>,
  nested: (type: Type<object>) => JsonSchema,
): JsonSchema {
  const type = options['type'] ?? declaredTypeOf(owner, name);
  const schema = documentedType({ ...options, type }, nested);
  return options['nullable'] === true ? withNull(schema) : schema;
}

/** Returns the schema of a type in the options of a decorator of @nestjs/swagger. */
export function documentedType(
  options: Readonly<Record<string, unknown>>,
  nested: (type: Type<object>) => JsonSchema,
): JsonSchema {
  const { type: given, isArray, items, enum: values, example } = options;
  const named = resolvedType(given);
  const [element] = listIn(named);
  const isList = Array.isArray(named) || isArray === true || named === 'array' || named === Array;
  const own = element ?? (isList && (named === 'array' || named === Array) ? undefined : named);
  const notes = Object.fromEntries(
    KEYWORDS.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]),
  );
  const shown = example === undefined ? {} : { examples: [example] };
  if (isList) {
    const raw = isRecord(items) && !('$ref' in items) ? items : undefined;
    const member = raw ?? { ...typeSchema(own, nested), ...enumKeyword(values) };
    return { type: 'array', items: member, ...notes, ...shown };
  }
  return { ...typeSchema(own, nested), ...enumKeyword(values), ...notes, ...shown };
}

function typeSchema(type: unknown, nested: (type: Type<object>) => JsonSchema): JsonSchema {
  const simple = simpleSchema(type);
  if (simple) return { ...simple };
  return isClass(type) && type !== Object && type !== Array ? nested(type) : {};
}

function enumKeyword(values: unknown): JsonSchema {
  const given: unknown = isFactory(values) ? values() : values;
  return Array.isArray(given) ? { enum: given } : enumOf(given);
}

export const propertiesOf = ({ properties }: JsonSchema): JsonSchema => recordIn(properties);
