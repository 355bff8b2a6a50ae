import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { AUDIT_FILE } from '../../audit/file-sink.js';

/** Returns the directory of the records, by the environment unless it is given. */
export const auditDirectory = (
  given: string | undefined,
  { AUDIT_DIRECTORY: own, STATE_DIRECTORY: state = '.aerie' }: NodeJS.ProcessEnv,
): string => given ?? own ?? join(state, 'audit');

/** File of a chain. */
export interface AuditFile {
  readonly path: string;
  readonly lines: readonly string[];
}

/**
 * Reads the files of a directory, the oldest first. A last line without an end is left out: its process was killed, or
 * is writing it.
 *
 * @throws {Error} when the directory cannot be read, or has no records
 */
export async function* auditFiles(directory: string): AsyncGenerator<AuditFile> {
  const names = (await readdir(directory)).filter((name) => AUDIT_FILE.test(name)).toSorted();
  if (names.length === 0) throw new Error(`There are no audit records in ${directory}.`);
  for (const name of names) {
    const path = join(directory, name);
    const lines = (await readFile(path, 'utf8')).split('\n');
    yield { path, lines: lines.slice(0, -1) };
  }
}
