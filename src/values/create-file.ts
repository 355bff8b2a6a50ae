import { randomUUID } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { systemErrorCode } from './system-error-code.js';

/**
 * Creates a file for its owner, unless it exists. Returns whether it was created.
 *
 * A hard link makes the complete file appear in one step and fails if the name exists. If two processes start at once,
 * exactly one creates the file, and the other never reads a partial file.
 */
export async function createFile(path: string, text: string): Promise<boolean> {
  const complete = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(complete, text, { flag: 'wx', mode: 0o600 });
    await link(complete, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(complete, { force: true });
  }
}
