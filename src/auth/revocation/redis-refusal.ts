import { StorageRefusesError } from './revocation-storage.js';

/** Reasons why Redis answers but accepts no writes, by its error code. A script puts its own text before the code. */
const REFUSALS: readonly (readonly [code: RegExp, reason: string, remedy: string])[] = [
  [
    /\bOOM\b/,
    'Redis is full.',
    'Raise its maxmemory, or set maxmemory-policy to volatile-ttl, or remove the data of other applications.',
  ],
  [/\bMISCONF\b/, 'Redis cannot write to its disk.', 'Free disk space, and look at the log of Redis.'],
  [/\bREADONLY\b/, 'REDIS_URL names a replica of Redis, which is read-only.', 'Use the URL of the primary.'],
  [/\bNOREPLICAS\b/, 'Redis has too few replicas to accept writes.', 'Start its replicas.'],
];

/** Returns the error for a Redis that accepts no writes; undefined if the error has another cause. */
export function refusalOf(error: unknown, text: string): StorageRefusesError | undefined {
  if (!(error instanceof Error)) return undefined;
  const found = REFUSALS.find(([code]) => code.test(error.message));
  return found && new StorageRefusesError(found[1], text, found[2], { cause: error });
}
