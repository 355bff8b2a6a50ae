import type { StandardSchemaV1 } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import type { Validate } from './offer.js';
import { resolved } from './published-schema/references.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/** Removes nulls from a value. Returns the same value if there is nothing to remove. */
type DropNulls = (value: unknown) => unknown;

/** Maximum depth searched; real arguments nest less deeply. */
const MAX_DEPTH = 16;
/** Maximum depth of nested unions examined. */
const MAX_UNIONS = 4;

/**
 * Returns a validator that treats `null` as an absent member before it applies the schema.
 *
 * @param published the schema as JSON Schema
 */
export function validateWithoutNulls(schema: StandardSchemaV1, published: unknown): Validate {
  const drop = compileDropNulls(published);
  const { '~standard': standard } = schema;
  return drop ? (input) => standard.validate(drop(input)) : (input) => standard.validate(input);
}

/**
 * Compiles a function that removes members whose value is `null`. Several clients send `null` for an absent member.
 * A member is removed only if the schema neither requires it nor accepts null.
 *
 * @param schema the published JSON Schema
 * @returns undefined if the schema gives every null a meaning
 */
export function compileDropNulls(schema: unknown): DropNulls | undefined {
  if (!isRecord(schema)) return undefined;
  const drop = compile(schema, schema, new Map());
  // Almost no arguments contain a null, and checking for one is cheap.
  return drop && ((value) => (hasNull(value, 0) ? drop(value) : value));
}

/** Compiled parts of a schema. The value is undefined while the part is being compiled. */
type Known = Map<object, DropNulls | undefined>;

function compile(schema: unknown, root: JsonSchema, known: Known): DropNulls | undefined {
  const node = followed(schema, root);
  if (!node) return undefined;
  // A recursive part is looked up when the function runs.
  if (known.has(node)) return (value) => known.get(node)?.(value) ?? value;
  known.set(node, undefined);
  const drop = compileNode(node, root, known);
  known.set(node, drop);
  return drop;
}

function compileNode(node: JsonSchema, root: JsonSchema, known: Known): DropNulls | undefined {
  // Each keyword applies independently: a value must satisfy all of them.
  const steps = [
    ...listIn(node['allOf']).map((part) => compile(part, root, known)),
    ...[node['anyOf'], node['oneOf']].map((branches) => compileUnion(listIn(branches), root, known)),
    compileItems(node, root, known),
    compileMembers(node, root, known),
  ].filter((step) => step !== undefined);
  const [only, ...others] = steps;
  return others.length === 0 ? only : (value) => steps.reduce((left, step) => step(left), value);
}

/**
 * Drops a member only if every matching branch drops it. A branch matches if the value has its type, required members
 * and tags.
 */
function compileUnion(branches: readonly unknown[], root: JsonSchema, known: Known): DropNulls | undefined {
  const candidates = branches
    .filter((branch) => !isNull(followed(branch, root)))
    .map((branch) => ({ fits: compileFits(branch, root, 0), drop: compile(branch, root, known) }));
  const [only, ...others] = candidates;
  if (others.length === 0) return only?.drop;
  if (candidates.every(({ drop }) => !drop)) return undefined;
  return (value) => {
    const fitting = candidates.filter(({ fits }) => fits(value));
    const [meant, ...doubtful] = fitting;
    if (doubtful.length === 0) return meant?.drop?.(value) ?? value;
    if (doubts === MAX_UNIONS) return value;
    doubts++;
    try {
      return leastDropped(
        value,
        fitting.map(({ drop = keep }) => drop(value)),
      );
    } finally {
      doubts--;
    }
  };
}

/** Current depth of unions with several matching branches. Each level multiplies the work. */
let doubts = 0;

const keep: DropNulls = (value) => value;

/** Keeps the members that at least one of the copies still has. */
function leastDropped(value: unknown, copies: readonly unknown[]): unknown {
  if (copies.includes(value)) return value;
  if (Array.isArray(value)) {
    const lists = copies.filter((copy) => Array.isArray(copy));
    return value.map((item, index) =>
      leastDropped(
        item,
        lists.map((list): unknown => list[index]),
      ),
    );
  }
  if (!isRecord(value)) return value;
  const records = copies.filter(isRecord);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const left = records.filter((record) => Object.hasOwn(record, name)).map((record) => record[name]);
      return left.length === 0 ? [] : [[name, leastDropped(member, left)]];
    }),
  );
}

/** Compiles a check of whether a value may match a schema. */
function compileFits(schema: unknown, root: JsonSchema, depth: number): (value: unknown) => boolean {
  const node = followed(schema, root);
  if (!node || depth > MAX_UNIONS) return () => true;
  const inner = (part: unknown): ((value: unknown) => boolean) => compileFits(part, root, depth + 1);
  const parts = listIn(node['allOf']).map(inner);
  const unions = [node['anyOf'], node['oneOf']].filter(Array.isArray).map((branches) => branches.map(inner));
  const types = new Set(typesOf(node));
  const required = listIn(node['required']).filter((name) => typeof name === 'string');
  const tags = Object.entries(recordIn(node['properties'])).flatMap(([name, member]) => {
    const { const: tag, enum: values = tag === undefined ? undefined : [tag] } = followed(member, root) ?? {};
    return Array.isArray(values) ? [{ name, values: new Set<unknown>(values) }] : [];
  });
  return (value) =>
    (types.size === 0 ||
      types.has(typeNameOf(value)) ||
      (typeof value === 'number' && types.has('integer'))) &&
    (!isRecord(value) ||
      (required.every((name) => Object.hasOwn(value, name)) &&
        tags.every(({ name, values }) => isAbsent(value[name]) || values.has(value[name])))) &&
    parts.every((fits) => fits(value)) &&
    unions.every((branches) => branches.some((fits) => fits(value)));
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function compileItems(node: JsonSchema, root: JsonSchema, known: Known): DropNulls | undefined {
  const places = listIn(node['prefixItems']).map((item) => compile(item, root, known));
  const rest = compile(node['items'], root, known);
  if (!rest && places.every((drop) => !drop)) return undefined;
  const dropAt = (item: unknown, index: number): unknown =>
    ((index < places.length ? places[index] : rest) ?? keep)(item);
  return (value) => (Array.isArray(value) ? value.map(dropAt) : value);
}

/** Treatment of one member of an object. */
interface Member {
  readonly isDropped: boolean;
  readonly drop: DropNulls | undefined;
}

function compileMembers(node: JsonSchema, root: JsonSchema, known: Known): DropNulls | undefined {
  const required = new Set(listIn(node['required']));
  const compileMember = (schema: unknown, isRequired: boolean): Member => ({
    isDropped: !isRequired && !admitsNull(schema, root, 0),
    drop: compile(schema, root, known),
  });
  const { properties, additionalProperties, patternProperties } = node;
  const named = new Map(
    Object.entries(recordIn(properties)).map(([name, schema]) => [
      name,
      compileMember(schema, required.has(name)),
    ]),
  );
  // patternProperties may describe the same names, so those are left alone.
  const hasOthers = isRecord(additionalProperties) && !isRecord(patternProperties);
  const others = hasOthers ? compileMember(additionalProperties, false) : undefined;
  const hasNothing = [...named.values(), others].every((member) => !member?.isDropped && !member?.drop);
  if (hasNothing) return undefined;
  return (value) => {
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => {
        const { isDropped, drop = keep } = named.get(name) ?? others ?? {};
        return inner === null && isDropped && !required.has(name) ? [] : [[name, drop(inner)]];
      }),
    );
  };
}

/** Whether null may be valid. Only a schema that states its type or values, without null, excludes it. */
function admitsNull(schema: unknown, root: JsonSchema, depth: number): boolean {
  const node = followed(schema, root);
  if (!node || depth > MAX_DEPTH) return true;
  const { type, enum: values, allOf } = node;
  if ('const' in node) return node['const'] === null;
  if (Array.isArray(values)) return values.includes(null);
  if (typeof type === 'string') return type === 'null';
  if (Array.isArray(type)) return type.includes('null');
  const branches = [node['anyOf'], node['oneOf']].find((some) => Array.isArray(some));
  if (branches) return branches.some((branch) => admitsNull(branch, root, depth + 1));
  return !Array.isArray(allOf) || allOf.every((part) => admitsNull(part, root, depth + 1));
}

const isNull = (node: JsonSchema | undefined): boolean =>
  node?.['type'] === 'null' || (node !== undefined && 'const' in node && node['const'] === null);

/** Follows a schema's references within the document. Returns undefined if they cannot be resolved. */
function followed(schema: unknown, root: JsonSchema): JsonSchema | undefined {
  let node = isRecord(schema) ? schema : undefined;
  for (let hops = 0; typeof node?.['$ref'] === 'string'; hops++) {
    node = hops > MAX_DEPTH ? undefined : resolved(root, node['$ref']);
  }
  return node;
}

function hasNull(value: unknown, depth: number): boolean {
  if (value === null) return true;
  if (typeof value !== 'object' || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.some((item) => hasNull(item, depth + 1));
  for (const name in value) if (hasNull(Reflect.get(value, name), depth + 1)) return true;
  return false;
}
