import type { HttpException } from '@nestjs/common';

import { isRecord } from '../is-record.js';

/** Maximum messages taken from one body. */
const MAX_MESSAGES = 20;
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_DEPTH = 5;

/** Members that hold messages, as validators and NestJS name them. */
const MESSAGE_MEMBERS = ['message', 'messages', 'errors', 'issues', 'details', 'constraints', 'children'];

/**
 * The messages that a 4xx exception has for its client: the text, the list, or the members of its body.
 *
 * NestJS's own `message` is only the name of the class when the body is an object or an array.
 */
export function messagesOf(exception: HttpException): string {
  const body = exception.getResponse();
  const messages = [...new Set(textsIn(body, MAX_DEPTH))].slice(0, MAX_MESSAGES);
  return messages.map((text) => text.slice(0, MAX_MESSAGE_LENGTH)).join('\n') || exception.message;
}

function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (depth === 0) return [];
  if (Array.isArray(value)) {
    return value.slice(0, MAX_MESSAGES).flatMap((item: unknown) => textsIn(item, depth - 1));
  }
  if (!isRecord(value)) return [];
  const texts = MESSAGE_MEMBERS.flatMap((name) => textsOf(name, value[name], depth - 1));
  const where = placeOf(value);
  return where === undefined
    ? texts
    : texts.map((text) => (text.includes(where) ? text : `${where}: ${text}`));
}

/** The texts of one member. Constraints and errors may also be an object that has the messages by name. */
function textsOf(name: string, value: unknown, depth: number): string[] {
  const texts = textsIn(value, depth);
  if (texts.length > 0 || !isRecord(value) || !['constraints', 'errors', 'message'].includes(name))
    return texts;
  return Object.values(value)
    .slice(0, MAX_MESSAGES)
    .flatMap((item) => textsIn(item, depth));
}

/** The member of the input that an entry is about, as class-validator (`property`) and others (`path`) name it. */
function placeOf({ property, path, field }: Record<string, unknown>): string | undefined {
  const place = property ?? field ?? (Array.isArray(path) ? path.map(String).join('.') : path);
  return typeof place === 'string' && place !== '' ? place.slice(0, 100) : undefined;
}
