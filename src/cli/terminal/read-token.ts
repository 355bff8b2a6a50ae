import { text } from 'node:stream/consumers';

import type { Io } from './io.js';

/** Reads a token of the command line, which "-" hides from lists of processes. */
export async function readToken(given: string, io: Io): Promise<string> {
  const token = given === '-' ? await text(io.stdin) : given;
  return token.trim().replace(/^Bearer +/i, '');
}
