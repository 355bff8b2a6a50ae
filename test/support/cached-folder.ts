import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Relative to the repository, because __dirname exists in Jest only.
const CACHE = resolve('node_modules/.cache');

/**
 * Writes a folder whose content takes long to create. The first test run creates the content, and the others copy it.
 *
 * @param name name of the content, with the version of the program that creates it
 * @param create writes the content into an empty folder
 */
export async function copyCached(
  name: string,
  folder: string,
  create: (empty: string) => Promise<void> | void,
): Promise<void> {
  const cached = join(CACHE, name);
  if (!existsSync(cached)) {
    mkdirSync(CACHE, { recursive: true });
    const created = mkdtempSync(`${cached}-`);
    await create(created);
    try {
      renameSync(created, cached);
    } catch (error) {
      rmSync(created, { recursive: true });
      if (!existsSync(cached)) throw error; // else another test was faster
    }
  }
  cpSync(cached, folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
}
