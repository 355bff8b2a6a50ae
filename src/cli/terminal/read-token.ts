import { text } from 'node:stream/consumers';

import type { Io } from './io.js';
import { UsageError } from './usage-error.js';

/** Characters of a bearer token (RFC 6750 §2.1). */
const B64TOKEN = /^[\w.~+/-]+=*$/;

/** Reads a token of the command line, which "-" hides from lists of processes. */
export async function readToken(given: string, io: Io): Promise<string> {
  const token = given === '-' ? await text(io.stdin) : given;
  return token.trim().replace(/^Bearer +/i, '');
}

/**
 * Reads a token that the command sends.
 *
 * @throws {UsageError} when it is empty or contains other characters than tokens have, without the token itself
 */
export async function readSentToken(given: string, io: Io): Promise<string> {
  const token = await readToken(given, io);
  if (token === '') throw new UsageError('The token is empty.');
  if (B64TOKEN.test(token)) return token;
  throw new UsageError(
    'The token contains a character that no access token has, such as a space or a line break. Copy it again.',
  );
}
