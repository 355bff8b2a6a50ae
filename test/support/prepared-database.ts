import {
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { PGliteThread } from '../../src/database/pglite-thread.js';

const MODULES = resolve(__dirname, '../../node_modules');
const { version } = JSON.parse(readFileSync(join(MODULES, '@electric-sql/pglite/package.json'), 'utf8')) as {
  version: string;
};
const CACHE = join(MODULES, '.cache', `pglite-${version}`);

/** Writes an empty embedded database. Copies the one of the first test run, since PGlite takes 3 s to create one. */
export async function prepareDatabase(folder: string): Promise<void> {
  if (!existsSync(CACHE)) await createOnce();
  cpSync(CACHE, folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

async function createOnce(): Promise<void> {
  mkdirSync(dirname(CACHE), { recursive: true });
  const created = mkdtempSync(`${CACHE}-`);
  await (await PGliteThread.open(created)).close();
  try {
    renameSync(created, CACHE);
  } catch (error) {
    rmSync(created, { recursive: true });
    if (!existsSync(CACHE)) throw error; // else another test was faster
  }
}
