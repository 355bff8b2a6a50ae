import type { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';

import { isRecord } from '../../values/is-record.js';
import { jsonText } from '../../values/json-text.js';
import { plainJson } from '../../values/plain-json.js';

/** Maximum number of messages taken from one body. */
const MAX_MESSAGES = 20;
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_DEPTH = 8;

/**
 * Members that hold or contain messages, as named by NestJS, RFC 9457 (problem details), OAuth, zod, class-validator and
 * other validators.
 */
const MESSAGE_MEMBERS =
  `message messages title detail details description reason error error_description errors _errors
  issues invalid-params invalidParams formErrors fieldErrors properties items constraints children`.split(
    /\s+/,
  );
const KNOWN = new Set(MESSAGE_MEMBERS);

/** Members that may hold messages by member name or index. */
const BY_NAME = new Set([
  'message',
  'messages',
  'details',
  'error',
  'errors',
  'fieldErrors',
  'properties',
  'items',
]);

/** Status texts. NestJS repeats the status in the `error` member of a body. */
const STATUS_NAMES = new Set<unknown>(Object.values(STATUS_CODES));

/** Message and the path of the input member that it concerns. */
interface Entry {
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * Extracts the messages of a 4xx exception from its body: a string, a list or an object. Returns the body as JSON if it
 * has no message. Errors in the body are internal, except for the issues of a validation library.
 *
 * NestJS's own `message` is only the class name if the body is an object or an array.
 */
export function httpMessagesOf(exception: HttpException): string {
  const body = exception.getResponse();
  // NestJS copies the message of an error.
  const fallback = body instanceof Error ? STATUS_CODES[exception.getStatus()] : exception.message;
  return messageTextIn(body) || asJson(body) || (fallback ?? 'Refused');
}

/** Extracts the messages of a body. Returns an empty text if there is none. */
export function messageTextIn(body: unknown): string {
  const messages = [...new Set(entriesIn(body, [], []).map(entryText))].slice(0, MAX_MESSAGES);
  return messages.map((text) => text.slice(0, MAX_MESSAGE_LENGTH)).join('\n');
}

function entriesIn(
  value: unknown,
  path: readonly string[],
  parents: readonly object[],
  isByName = false,
): Entry[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  if (parents.length === MAX_DEPTH || parents.includes(value)) return [];
  const within = [...parents, value];
  if (Array.isArray(value)) {
    return value.slice(0, MAX_MESSAGES).flatMap((item: unknown) => entriesIn(item, path, within));
  }
  if (value instanceof Error) return 'issues' in value ? entriesIn(value.issues, path, within) : [];
  if (!isRecord(value)) return [];
  const place = placeOf(value);
  const here = place === undefined || place === path.at(-1) ? path : [...path, place];
  return isByName && isMap(value) ? entriesByName(value, here, within) : entriesOf(value, here, within);
}

/** Extracts the messages of an object with known members. */
function entriesOf(
  value: Record<string, unknown>,
  path: readonly string[],
  parents: readonly object[],
): Entry[] {
  return MESSAGE_MEMBERS.flatMap((name) => {
    const member = value[name];
    if (name === 'error' && STATUS_NAMES.has(member) && 'message' in value) return [];
    if (name === 'constraints' && isRecord(member)) return entriesIn(Object.values(member), path, parents);
    if (name === 'items' && Array.isArray(member)) return entriesByName(member, path, parents);
    return entriesIn(member, path, parents, BY_NAME.has(name));
  });
}

/** Extracts the messages of an object whose members are named like the input's. */
function entriesByName(value: object, path: readonly string[], parents: readonly object[]): Entry[] {
  return Object.entries(value)
    .slice(0, MAX_MESSAGES)
    .flatMap(([name, member]) => entriesIn(member, [...path, name.slice(0, 100)], parents, true));
}

/** Members that identify an object with known members. Messages by name may have any other name. */
const STRUCTURE = [
  'errors',
  '_errors',
  'issues',
  'formErrors',
  'fieldErrors',
  'properties',
  'items',
  'path',
  'code',
];

/** Whether an object maps names to messages and is not a message itself. */
function isMap(value: Record<string, unknown>): boolean {
  if (STRUCTURE.some((name) => name in value)) return false;
  const names = Object.keys(value);
  return names.some((name) => !KNOWN.has(name)) || Object.values(value).some(Array.isArray);
}

/** Prefixes the path, unless the text already contains it, as class-validator's messages do. */
function entryText({ path, text }: Entry): string {
  const words = text.split(/[\s"'`:,;()]+/);
  const unnamed = path.slice(0, path.findLastIndex((name) => !words.includes(name)) + 1);
  return unnamed.length === 0 ? text : `${unnamed.join('.')}: ${text}`;
}

/** Returns the input member that an entry concerns: `property` in class-validator, `path` and others elsewhere. */
function placeOf({ property, path, field, pointer }: Record<string, unknown>): string | undefined {
  const place = property ?? field ?? (Array.isArray(path) ? path.map(String).join('.') : path) ?? pointer;
  return typeof place === 'string' && place !== '' ? place.slice(0, 100) : undefined;
}

/** Returns a body without messages as JSON. Returns undefined if JSON cannot represent the body. */
function asJson(body: unknown): string | undefined {
  if (body instanceof Error) return undefined;
  try {
    const json = plainJson(body);
    return isRecord(json) && Object.keys(json).length > 0
      ? jsonText(json).slice(0, MAX_MESSAGE_LENGTH)
      : undefined;
  } catch {
    return undefined;
  }
}
