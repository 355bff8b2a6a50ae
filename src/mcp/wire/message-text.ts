import { INTERNAL_ERROR } from '@modelcontextprotocol/server';

import { isAscii } from '../../values/is-ascii.js';
import { isRecord } from '../../values/is-record.js';
import { jsonText } from '../../values/json-text.js';
import { type KnownText, knownText } from '../../values/known-text.js';

/** Members of results that are large, and whose text is often known. */
const LARGE_MEMBERS = ['structuredContent', 'tools'];

/**
 * Serializes a message as JSON. A response that cannot be serialized, or is too long for a string, becomes an internal
 * error. Otherwise, the client would wait forever.
 *
 * @throws {TypeError} when a message other than a response cannot be serialized
 */
export function messageText(message: object): string {
  return messageBody(message).text;
}

/** JSON of a message. */
export interface MessageBody {
  readonly text: string;
  /** Whether all of its characters are ASCII; undefined if unknown. */
  readonly isAscii?: boolean;
}

/** Serializes a message like {@link messageText}. */
export function messageBody(message: object): MessageBody {
  try {
    return 'result' in message ? responseBody(message, message.result) : { text: jsonText(message) };
  } catch (error) {
    if ('method' in message || !('id' in message)) throw error;
    const { id } = message;
    return {
      text: jsonText({ jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: 'Internal error' } }),
    };
  }
}

/** Serializes a response without writing a large member again. */
function responseBody(message: object, result: unknown): MessageBody {
  if (isRecord(result)) {
    for (const name of LARGE_MEMBERS) {
      const known = knownText(result[name]);
      if (known) return textWith(message, 'result', textWith(result, name, known));
    }
  }
  return { text: jsonText(message) };
}

/** Serializes an object of which the text of one member is known. */
function textWith(object: object, name: string, known: KnownText): KnownText {
  const others = jsonText({ ...object, [name]: undefined }).slice(1, -1);
  const text = `{${others}${others && ','}"${name}":${known.text}}`;
  return { text, isAscii: known.isAscii && isAscii(others) };
}

/** Serializes the responses to a batch as one array. */
export const batchText = (messages: readonly object[]): string =>
  `[${messages.map((message) => messageText(message)).join(',')}]`;
