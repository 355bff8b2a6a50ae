import { INTERNAL_ERROR } from '@modelcontextprotocol/server';

import { jsonText } from '../json-text.js';

/**
 * Writes a message as JSON. An answer that JSON has no form for, or that is too long for a string, becomes an internal
 * error: nobody may wait for an answer that never comes.
 *
 * @param write writes the message, for a caller that knows a faster way
 * @throws {TypeError} for any other message that JSON has no form for
 */
export function messageText(message: object, write: () => string = () => jsonText(message)): string {
  try {
    return write();
  } catch (error) {
    if ('method' in message || !('id' in message)) throw error;
    const { id } = message;
    return jsonText({ jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: 'Internal error' } });
  }
}

/** Writes answers as the body of a response: one alone, or as a list. */
export const answersText = (answers: readonly object[], isList: boolean): string =>
  isList
    ? `[${answers.map((answer) => messageText(answer)).join(',')}]`
    : answers
        .slice(0, 1)
        .map((answer) => messageText(answer))
        .join('');
