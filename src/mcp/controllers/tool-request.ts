import { validateHeaderValue } from 'node:http';

import { isRecord } from '../../values/is-record.js';
import { exactTexts, requireExact } from './exact-texts.js';
import { invalid } from './invalid-argument.js';
import { PARAMETER, type Route } from './route.js';
import type { RouteArgument, RouteArguments } from './route-arguments.js';

/** Request that a call makes. */
export interface ToolRequest {
  readonly method: string;
  readonly url: string;
  /** Parameters that are part of the path, not encoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

type Arguments = Readonly<Record<string, unknown>>;

/** Sequences that some server on the way may take for a part of the path. */
const TRAVERSAL = /%2f|%5c|%2e/i;

const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** Creates a function that turns arguments into the request of a route. */
export function requestFactory(
  { method, template, headers }: Route,
  { list, definitions }: RouteArguments,
  hasExtendedQuery: () => boolean,
): (given: Arguments) => ToolRequest {
  const at = (place: RouteArgument['place']): RouteArgument[] => list.filter((one) => one.place === place);
  const [inPath, inQuery, inHeaders, inBody] = [at('path'), at('query'), at('header'), at('body')];
  const byKey = new Map(inPath.map((argument) => [argument.key, argument]));
  const staticPath = template.split(/[:*][A-Za-z_$][\w$]*/).map(encodeURI);
  const names = [...template.matchAll(PARAMETER)].map(([text, name]) => ({
    argument: byKey.get(name),
    isWildcard: text.startsWith('*'),
  }));
  const checks = list.flatMap(({ name, schema }) => {
    const check = exactTexts(schema, definitions);
    return check ? [{ name, check }] : [];
  });
  return (given) => {
    requireExactNumbers(given);
    for (const { name, check } of checks) check(name, given[name]);
    const params = Object.fromEntries(
      inPath.map(({ name, key = '' }): [string, string] => [key, textOf(name, given[name])]),
    );
    const path = staticPath.reduce((left, text, index) => {
      const { argument, isWildcard = false } = names[index - 1] ?? {};
      return left + (argument ? pathValue(argument, params, isWildcard) : '') + text;
    });
    const query = queryText(inQuery, given, hasExtendedQuery);
    const body = bodyText(inBody, given);
    return {
      method,
      url: query === '' ? path : `${path}?${query}`,
      params,
      headers: {
        ...headers,
        ...headerValues(inHeaders, given),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body,
    };
  };
}

/** @throws {Refusal} when the value is not one part of a path */
function pathValue(
  { name, key = '' }: RouteArgument,
  params: ToolRequest['params'],
  isWildcard: boolean,
): string {
  const { [key]: text = '' } = params;
  const parts = isWildcard ? text.split('/') : [text];
  return parts.map((part) => pathPart(name, part)).join('/');
}

/** @throws {Refusal} when the text could lead to another path */
export function pathPart(name: string, part: string): string {
  if (part === '') throw invalid(name, 'must not be empty, because it is part of a path');
  if (part === '.' || part === '..' || /[/\\]/.test(part) || TRAVERSAL.test(part)) {
    throw invalid(name, 'must not contain /, \\ or .. or their encodings, because it is part of a path');
  }
  return encoded(name, part);
}

/** Encodes a text for a URL. */
export function encoded(name: string, text: string): string {
  if (LONE_SURROGATE.test(text)) throw invalid(name, 'contains half of a surrogate pair');
  return encodeURIComponent(text);
}

/** @throws {Refusal} when the value is a list, an object or missing */
export function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(name, value === undefined ? 'is missing' : 'must be a text, a number or a boolean');
}

/** Pattern of an integer as a string, which keeps all its digits. */
export const DIGITS = '^-?\\d+$';

/**
 * Refuses numbers that `JSON.parse` may have rounded, because the request would name another record.
 *
 * @throws {Refusal} when an argument has a number beyond 2^53
 */
export function requireExactNumbers(given: Arguments): void {
  for (const [name, value] of Object.entries(given)) {
    const values = [value];
    for (const one of values) {
      if (typeof one === 'number') requireExact(name, one);
      if (typeof one === 'object' && one !== null) {
        for (const inner of Object.values(one)) values.push(inner);
      }
    }
  }
}

function queryText(list: readonly RouteArgument[], given: Arguments, hasExtended: () => boolean): string {
  const pairs: string[] = [];
  const add = (name: string, key: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (typeof value === 'object') {
      const isList = Array.isArray(value);
      const isExtended = hasExtended();
      if (!isList && !isExtended) {
        throw invalid(name, 'must not be an object: the query of this application has no nested values');
      }
      for (const [member, inner] of Object.entries(value)) {
        add(name, isExtended ? `${key}[${encoded(name, member)}]` : key, inner);
      }
      return;
    }
    pairs.push(`${key}=${encoded(name, textOf(name, value))}`);
  };
  for (const { name, key = '' } of list) add(name, encodeURIComponent(key), given[name]);
  return pairs.join('&');
}

function headerValues(list: readonly RouteArgument[], given: Arguments): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, key = '' } of list) {
    if (given[name] === undefined || given[name] === null) continue;
    headers[key] = headerValue(name, key, textOf(name, given[name]));
  }
  return headers;
}

/** @throws {Refusal} when the text cannot be the value of a header */
export function headerValue(name: string, key: string, value: string): string {
  const text = value.trim(); // as HTTP does
  try {
    validateHeaderValue(key, text);
  } catch {
    throw invalid(name, 'contains characters that a header must not have');
  }
  return text;
}

function bodyText(list: readonly RouteArgument[], given: Arguments): string | undefined {
  if (list.length === 0) return undefined;
  const whole = list.find(({ key }) => key === undefined);
  if (whole) return given[whole.name] === undefined ? undefined : JSON.stringify(given[whole.name]);
  return JSON.stringify(Object.fromEntries(list.map(({ name, key = '' }) => [key, given[name]])));
}

/**
 * Arguments of a call, without those that every object inherits, such as `constructor`. The application's own pipes
 * validate their values.
 */
export const argumentsIn = (value: unknown): Arguments => ({
  __proto__: null,
  ...(isRecord(value) && value),
});
