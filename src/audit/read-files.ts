import { createReadStream, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { AUDIT_FILE } from './file-sink.js';
import type { StoredLine } from './stored-line.js';

/**
 * Reads the files of a directory, the oldest first.
 *
 * @throws {Error} when the directory cannot be read, or has no files of records
 */
export async function* readFiles(directory: string): AsyncGenerator<StoredLine> {
  const names = (existsSync(directory) ? await readdir(directory) : [])
    .filter((name) => AUDIT_FILE.test(name))
    .toSorted();
  if (names.length === 0) {
    throw new Error(`There are no audit records in ${directory}. Name another directory, or use --postgres.`);
  }
  for (const name of names) {
    const place = join(directory, name);
    let rest = '';
    const chunks: AsyncIterable<string> = createReadStream(place, 'utf8');
    for await (const chunk of chunks) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) yield { place, text };
    }
    if (rest !== '') yield { place, text: rest, isTorn: true };
  }
}
