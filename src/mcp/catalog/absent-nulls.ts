import type { StandardSchemaV1 } from '@modelcontextprotocol/server';

import { isRecord } from '../is-record.js';
import type { Validate } from './offer.js';

/** Removes nulls from a value; returns the value itself where there is none to remove. */
type DropNulls = (value: unknown) => unknown;

/** Deeper than people nest arguments. */
const MAX_DEPTH = 16;

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
  const drop = compile(schema, schema, new Map());
  // Nearly all arguments have no null at all, and looking for one is cheap.
  return drop && ((value) => (hasNull(value, 0) ? drop(value) : value));
}

/** What is known of each part of a schema; undefined while it is being compiled. */
type Known = Map<object, DropNulls | undefined>;

function compile(schema: unknown, root: unknown, known: Known): DropNulls | undefined {
  const node = resolved(schema, root);
  if (!node) return undefined;
  // A part that refers to itself is looked up when it is used.
  if (known.has(node)) return (value) => known.get(node)?.(value) ?? value;
  known.set(node, undefined);
  const drop = compileNode(node, root, known);
  known.set(node, drop);
  return drop;
}

function compileNode(node: Record<string, unknown>, root: unknown, known: Known): DropNulls | undefined {
  const branches = branchesOf(node);
  if (branches) {
    // Only the one branch that is not null itself is sure to be meant.
    const [only, ...others] = branches.filter((branch) => !isNull(resolved(branch, root)));
    return others.length === 0 ? compile(only, root, known) : undefined;
  }
  const { properties, required, items } = node;
  if (isRecord(items)) {
    const drop = compile(items, root, known);
    return drop && ((value) => (Array.isArray(value) ? value.map(drop) : value));
  }
  if (!isRecord(properties)) return undefined;
  const needed = new Set(Array.isArray(required) ? required : []);
  const optional = new Set<string>();
  const inner = new Map<string, DropNulls>();
  for (const [name, member] of Object.entries(properties)) {
    if (!needed.has(name) && !admitsNull(member, root, 0)) optional.add(name);
    const drop = compile(member, root, known);
    if (drop) inner.set(name, drop);
  }
  return optional.size + inner.size === 0 ? undefined : (value) => membersOf(value, optional, inner);
}

function membersOf(
  value: unknown,
  optional: ReadonlySet<string>,
  inner: ReadonlyMap<string, DropNulls>,
): unknown {
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([name, member]) => member !== null || !optional.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, inner.get(name)?.(member) ?? member]));
}

/** Whether null is, or may be, valid: only what says what it is, and does not say null, excludes it. */
function admitsNull(schema: unknown, root: unknown, depth: number): boolean {
  const node = resolved(schema, root);
  if (!node || depth > MAX_DEPTH) return true;
  const { type, enum: values, allOf } = node;
  if ('const' in node) return node['const'] === null;
  if (Array.isArray(values)) return values.includes(null);
  if (typeof type === 'string') return type === 'null';
  if (Array.isArray(type)) return type.includes('null');
  const branches = branchesOf(node);
  if (branches) return branches.some((branch) => admitsNull(branch, root, depth + 1));
  return !Array.isArray(allOf) || allOf.every((part) => admitsNull(part, root, depth + 1));
}

const branchesOf = ({ anyOf, oneOf }: Record<string, unknown>): unknown[] | undefined =>
  [anyOf, oneOf].find((branches) => Array.isArray(branches));

const isNull = (node: Record<string, unknown> | undefined): boolean =>
  node?.['type'] === 'null' || (node !== undefined && 'const' in node && node['const'] === null);

/** A schema with its reference into the same document followed; undefined where there is nothing to know. */
function resolved(schema: unknown, root: unknown): Record<string, unknown> | undefined {
  let node = schema;
  for (let hops = 0; isRecord(node) && typeof node['$ref'] === 'string'; hops++) {
    const pointer = node['$ref'];
    if (hops > MAX_DEPTH || !pointer.startsWith('#')) return undefined;
    node = pointer
      .slice(1)
      .split('/')
      .filter((part) => part !== '')
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((found, part) => (isRecord(found) ? found[part] : undefined), root);
  }
  return isRecord(node) ? node : undefined;
}

function hasNull(value: unknown, depth: number): boolean {
  if (value === null) return true;
  if (typeof value !== 'object' || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.some((item) => hasNull(item, depth + 1));
  for (const name in value) if (hasNull(Reflect.get(value, name), depth + 1)) return true;
  return false;
}
