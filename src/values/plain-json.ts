import { types } from 'node:util';

import { closeStreamsIn } from './close-streams.js';

/** JSON value: plain objects, arrays, strings, finite numbers, booleans and null. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Maximum nesting depth of a result. Clients' parsers have similar limits. */
const MAX_DEPTH = 200;

/** Thrown when JSON cannot represent a value. The message contains its path and type, never its content. */
export class NotJsonError extends TypeError {
  override readonly name = 'NotJsonError';

  constructor(path: readonly string[], problem: string) {
    const where = path.map((step) => step.slice(0, 100)).join('.');
    super(`${where === '' ? 'The value' : `"${where}"`} ${problem}`);
  }
}

/**
 * Copies a value as `JSON.stringify` would write it, but throws where `JSON.stringify` would silently lose data: there a
 * Map becomes `{}`, NaN becomes `null`, and a function disappears.
 *
 * Like `JSON.stringify`, calls `toJSON` and omits undefined members. Also omits a member `__proto__`: the SDK drops it
 * from structured content, and the text must not differ.
 *
 * @returns a copy that is independent of the value; undefined for undefined
 * @throws {NotJsonError} when JSON cannot represent the value; the streams in the value are closed
 */
export function plainJson(value: unknown): Json | undefined {
  try {
    return copyOf(value, [], []);
  } catch (error) {
    closeStreamsIn(value);
    throw error;
  }
}

function copyOf(given: unknown, path: string[], parents: object[]): Json | undefined {
  const value = represented(given, path);
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new NotJsonError(path, `is ${value}. Return null or leave it out.`);
    case 'bigint':
      throw new NotJsonError(path, 'is a bigint. Convert it to a string or a number.');
    case 'object':
      return value === null ? null : copyOfObject(value, path, parents);
    case 'function':
    case 'symbol':
    default:
      throw new NotJsonError(path, `is a ${typeof value}. Return only data.`);
  }
}

function copyOfObject(value: object, path: string[], parents: object[]): Json | undefined {
  if (parents.includes(value)) throw new NotJsonError(path, 'contains itself.');
  if (parents.length === MAX_DEPTH) {
    throw new NotJsonError(path.slice(0, 5), `is nested more than ${MAX_DEPTH} levels deep.`);
  }
  parents.push(value);
  const copy = Array.isArray(value) ? arrayOf(value, path, parents) : membersOf(value, path, parents);
  parents.pop();
  return copy;
}

function arrayOf(items: readonly unknown[], path: string[], parents: object[]): Json[] {
  const copy: Json[] = [];
  for (let index = 0; index < items.length; index++) {
    path.push(String(index));
    copy.push(copyOf(items[index], path, parents) ?? null);
    path.pop();
  }
  return copy;
}

function membersOf(value: object, path: string[], parents: object[]): Json {
  if (types.isBoxedPrimitive(value)) return copyOf(value.valueOf(), path, parents) ?? null;
  const kind = lossyKindOf(value);
  if (kind !== undefined) throw new NotJsonError(path, `is ${kind}`);
  const copy: { [name: string]: Json } = {};
  for (const name of Object.keys(value)) {
    if (name === '__proto__') continue;
    path.push(name);
    const member = copyOf(Reflect.get(value, name), path, parents);
    path.pop();
    if (member !== undefined) copy[name] = member;
  }
  return copy;
}

/** Returns the result of `toJSON`, or the value itself if it has no such method. */
function represented(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== 'bigint' && (typeof value !== 'object' || value === null)) return value;
  if (ArrayBuffer.isView(value)) return value; // a Buffer's toJSON lists its bytes one by one
  const toJson: unknown = Reflect.get(Object(value), 'toJSON');
  if (typeof toJson !== 'function') return value;
  if (types.isDate(value) && Number.isNaN(value.getTime())) {
    throw new NotJsonError(path, 'is an invalid Date.');
  }
  return Reflect.apply(toJson, value, [path.at(-1) ?? '']);
}

/** Describes an object whose content JSON would lose, with the fix. Returns undefined for plain data. */
function lossyKindOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  const name = nameOf(value);
  if (value instanceof Error || types.isNativeError(value)) {
    return `an error (${name}). Throw it, or return its message.`;
  }
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
    return `bytes (${name}). Return an image, audio or resource block, or base64 text.`;
  }
  if ('then' in value && typeof value.then === 'function') return `a promise (${name}). Await it first.`;
  if (Symbol.asyncIterator in value || ('pipe' in value && typeof value.pipe === 'function')) {
    return `a stream (${name}). Read it first.`;
  }
  if (Symbol.iterator in value) return `a collection (${name}). Convert it to an array or an object.`;
  // Objects such as Response, Blob or WeakMap keep their data in internal slots.
  const isOpaque = Symbol.toStringTag in value || types.isRegExp(value);
  if (isOpaque && Object.keys(value).length === 0) {
    return `an object without members (${name}). Return its content.`;
  }
  return undefined;
}

const nameOf = ({ constructor }: object): string =>
  typeof constructor === 'function' ? constructor.name.slice(0, 100) : 'Object';
