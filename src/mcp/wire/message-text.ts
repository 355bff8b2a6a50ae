import { INTERNAL_ERROR } from '@modelcontextprotocol/server';

import { jsonText } from '../../values/json-text.js';

/**
 * Serializes a message as JSON. A response that cannot be serialized, or is too long for a string, becomes an internal
 * error. Otherwise, the client would wait forever.
 *
 * @param write serializes the message, for callers with a faster way
 * @throws {TypeError} when a message other than a response cannot be serialized
 */
export function messageText<Message extends object>(
  message: Message,
  write: (message: Message) => string = jsonText,
): string {
  try {
    return write(message);
  } catch (error) {
    if ('method' in message || !('id' in message)) throw error;
    const { id } = message;
    return jsonText({ jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: 'Internal error' } });
  }
}

/** Serializes the responses to a batch as one array. */
export const batchText = (messages: readonly object[]): string =>
  `[${messages.map((message) => messageText(message)).join(',')}]`;
