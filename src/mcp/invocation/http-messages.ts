import type { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';

import { isRecord } from '../is-record.js';
import { jsonText } from '../json-text.js';
import { plainJson } from './plain-json.js';

/** Maximum messages taken from one body. */
const MAX_MESSAGES = 20;
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_DEPTH = 8;

/**
 * Members that hold messages, or lead to them, as they are named by NestJS, by RFC 9457 (problem details), by OAuth, and
 * by zod, class-validator and other validators.
 */
const MESSAGE_MEMBERS =
  `message messages title detail details description reason error error_description errors _errors
  issues invalid-params invalidParams formErrors fieldErrors properties items constraints children`.split(
    /\s+/,
  );
const KNOWN = new Set(MESSAGE_MEMBERS);

/** Members that may hold an object or a list of messages by the name, or the index, of what they are about. */
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

/** NestJS's own `error` of a body repeats the status. */
const STATUS_NAMES = new Set<unknown>(Object.values(STATUS_CODES));

/** A message, and the member of the input that it is about. */
interface Entry {
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * The messages that a 4xx exception has for its client: the text, the list, or the members of its body; the body as JSON
 * where it has no message.
 *
 * NestJS's own `message` is only the name of the class when the body is an object or an array.
 */
export function messagesOf(exception: HttpException): string {
  const body = exception.getResponse();
  const messages = [...new Set(entriesIn(body, [], []).map(inWords))].slice(0, MAX_MESSAGES);
  return (
    messages.map((text) => text.slice(0, MAX_MESSAGE_LENGTH)).join('\n') || asJson(body) || exception.message
  );
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
  if (!isRecord(value)) return [];
  const place = placeOf(value);
  const here = place === undefined || place === path.at(-1) ? path : [...path, place];
  return isByName && isMap(value) ? entriesByName(value, here, within) : entriesOf(value, here, within);
}

/** The messages of an object whose members have a meaning of their own. */
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

/** The messages of an object whose members are those of the input. */
function entriesByName(value: object, path: readonly string[], parents: readonly object[]): Entry[] {
  return Object.entries(value)
    .slice(0, MAX_MESSAGES)
    .flatMap(([name, member]) => entriesIn(member, [...path, name.slice(0, 100)], parents, true));
}

/** Members that tell an object with a meaning of its own from messages by name, which may have any name. */
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

/** Whether an object has messages by name, as opposed to being a message itself. */
function isMap(value: Record<string, unknown>): boolean {
  if (STRUCTURE.some((name) => name in value)) return false;
  const names = Object.keys(value);
  return names.some((name) => !KNOWN.has(name)) || Object.values(value).some(Array.isArray);
}

/** Names the member, unless the text names it already, as those of class-validator do. */
function inWords({ path, text }: Entry): string {
  const words = text.split(/[\s"'`:,;()]+/);
  const unnamed = path.slice(0, path.findLastIndex((name) => !words.includes(name)) + 1);
  return unnamed.length === 0 ? text : `${unnamed.join('.')}: ${text}`;
}

/** The member of the input that an entry is about, as class-validator (`property`) and others (`path`) name it. */
function placeOf({ property, path, field, pointer }: Record<string, unknown>): string | undefined {
  const place = property ?? field ?? (Array.isArray(path) ? path.map(String).join('.') : path) ?? pointer;
  return typeof place === 'string' && place !== '' ? place.slice(0, 100) : undefined;
}

/** A body without any message, which NestJS would send as it is; undefined where JSON has no form for it. */
function asJson(body: unknown): string | undefined {
  try {
    const json = plainJson(body);
    return isRecord(json) && Object.keys(json).length > 0
      ? jsonText(json).slice(0, MAX_MESSAGE_LENGTH)
      : undefined;
  } catch {
    return undefined;
  }
}
