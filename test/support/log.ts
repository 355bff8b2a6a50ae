import { pino } from 'pino';

import { jsonLines } from '../../src/logging/json-lines.js';

const SECRET = 'a-secret-that-no-log-may-hold';
const SIGNATURE_PART = 16;

/** Log of all servers of this test file, because NestJS has one global logger. */
export const logs: string[] = [];
const write = (line: string): void => void logs.push(line);
export const log = pino({ level: 'debug' }, { write });
jsonLines(log, { write, offer: (line) => logs.push(line) > 0 });
export const SILENT = pino({ level: 'silent' });

/** Variables with a secret that {@link refuseSecrets} searches for. */
export const WITH_SECRET = { SK_CLIENT_SECRET: SECRET };

/** Tokens that the tests of this file have used. */
const tokens = new Set<string>();

/** Makes the test fail if the log contains this token. */
export function secret(token: string): string {
  tokens.add(token);
  return token;
}

/** Number of lines searched before. They cannot contain later tokens. */
let searched = 0;

/**
 * Checks that no log contains a secret, a token, or a usable part of one.
 *
 * @param telemetry text of spans and metrics, which must not contain one either
 */
export function refuseSecrets(telemetry = ''): void {
  const text = [...logs.slice(searched), telemetry].join('\n');
  searched = logs.length;
  if (text.includes(SECRET)) throw new Error('A secret was logged.');
  const parts = new Set([...tokens].map((token) => token.split('.')[2]?.slice(0, SIGNATURE_PART)));
  // Searches the text once for all tokens.
  for (const [run] of text.matchAll(/[\w-]{16,}/g)) {
    for (let start = 0; start + SIGNATURE_PART <= run.length; start++) {
      if (parts.has(run.slice(start, start + SIGNATURE_PART))) {
        throw new Error('A token, or a part of one, was logged.');
      }
    }
  }
}
