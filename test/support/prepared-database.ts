import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { PGliteThread } from '../../src/database/pglite-thread.js';
import { copyCached } from './cached-folder.js';

const PACKAGE = resolve(__dirname, '../../node_modules/@electric-sql/pglite/package.json');

/** Writes an empty embedded database, which takes PGlite 3 s of CPU time to create. */
export async function prepareDatabase(folder: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  await copyCached(`pglite-${version}`, folder, async (empty) => (await PGliteThread.open(empty)).close());
}
