import type { StandardSchemaV1 } from '@modelcontextprotocol/server';

import { isRecord } from '../is-record.js';
import type { Validate } from './offer.js';
import { resolved } from './published-schema/references.js';
import type { JsonSchema } from './published-schema/subschemas.js';

/** Removes nulls from a value; returns the value itself where there is none to remove. */
type DropNulls = (value: unknown) => unknown;

/** Deeper than people nest arguments. */
const MAX_DEPTH = 16;
/** How many unions within unions are looked into. */
const MAX_UNIONS = 4;

/**
 * Validates with a schema what is left without the nulls that stand for absent members.
 *
 * @param published the schema as JSON Schema
 */
export function validateWithoutNulls(schema: StandardSchemaV1, published: unknown): Validate {
  const drop = compileDropNulls(published);
  const { '~standard': standard } = schema;
  return drop ? (input) => standard.validate(drop(input)) : (input) => standard.validate(input);
}

/**
 * Compiles what turns a `null` into an absent member, as several clients send it, where the schema neither requires the
 * member nor lets it be null.
 *
 * @param schema a JSON Schema, as it is published
 * @returns undefined where every null means something
 */
export function compileDropNulls(schema: unknown): DropNulls | undefined {
  if (!isRecord(schema)) return undefined;
  const drop = compile(schema, schema, new Map());
  // Nearly all arguments have no null at all, and looking for one is cheap.
  return drop && ((value) => (hasNull(value, 0) ? drop(value) : value));
}

/** What is known of each part of a schema; undefined while it is being compiled. */
type Known = Map<object, DropNulls | undefined>;

function compile(schema: unknown, root: JsonSchema, known: Known): DropNulls | undefined {
  const node = followed(schema, root);
  if (!node) return undefined;
  // A part that refers to itself is looked up when it is used.
  if (known.has(node)) return (value) => known.get(node)?.(value) ?? value;
  known.set(node, undefined);
  const drop = compileNode(node, root, known);
  known.set(node, drop);
  return drop;
}

function compileNode(node: JsonSchema, root: JsonSchema, known: Known): DropNulls | undefined {
  // Each of these keywords applies by itself: what one of them refuses is refused.
  const steps = [
    ...listIn(node['allOf']).map((part) => compile(part, root, known)),
    ...[node['anyOf'], node['oneOf']].map((branches) => compileUnion(listIn(branches), root, known)),
    compileItems(node, root, known),
    compileMembers(node, root, known),
  ].filter((step) => step !== undefined);
  const [only, ...others] = steps;
  return others.length === 0 ? only : (value) => steps.reduce((left, step) => step(left), value);
}

/** Drops what every branch drops that the value may be meant for: those whose type, members and tags it has. */
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

/** Unions around the value at hand of which several branches fit: each multiplies the work. */
let doubts = 0;

const keep: DropNulls = (value) => value;

/** A value with the members that at least one of its copies still has. */
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

/** Compiles whether a value may be meant for a schema. */
function compileFits(schema: unknown, root: JsonSchema, depth: number): (value: unknown) => boolean {
  const node = followed(schema, root);
  if (!node || depth > MAX_UNIONS) return () => true;
  const inner = (part: unknown): ((value: unknown) => boolean) => compileFits(part, root, depth + 1);
  const parts = listIn(node['allOf']).map(inner);
  const unions = [node['anyOf'], node['oneOf']].filter(Array.isArray).map((branches) => branches.map(inner));
  const types = new Set([node['type'] ?? []].flat());
  const required = listIn(node['required']).filter((name) => typeof name === 'string');
  const tags = Object.entries(isRecord(node['properties']) ? node['properties'] : {}).flatMap(
    ([name, member]) => {
      const { const: tag, enum: values = tag === undefined ? undefined : [tag] } =
        followed(member, root) ?? {};
      return Array.isArray(values) ? [{ name, values: new Set<unknown>(values) }] : [];
    },
  );
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

/** What becomes of a member of an object. */
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
    Object.entries(isRecord(properties) ? properties : {}).map(([name, schema]) => [
      name,
      compileMember(schema, required.has(name)),
    ]),
  );
  // Names that a pattern describes as well are left alone.
  const hasOthers = isRecord(additionalProperties) && !isRecord(patternProperties);
  const others = hasOthers ? compileMember(additionalProperties, false) : undefined;
  const hasNothing = [...named.values(), others].every((member) => !member?.isDropped && !member?.drop);
  if (hasNothing) return undefined;
  return (value) => {
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => {
        const { isDropped, drop = keep } = named.get(name) ?? others ?? {};
        return inner === null && isDropped && !(required.has(name) && !named.has(name))
          ? []
          : [[name, drop(inner)]];
      }),
    );
  };
}

/** Whether null is, or may be, valid: only what says what it is, and does not say null, excludes it. */
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

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isNull = (node: JsonSchema | undefined): boolean =>
  node?.['type'] === 'null' || (node !== undefined && 'const' in node && node['const'] === null);

/** A schema with its reference into the same document followed; undefined where there is nothing to know. */
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
