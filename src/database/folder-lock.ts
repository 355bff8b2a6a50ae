import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { breakLock } from '../files/break-lock.js';
import { isAlive } from '../values/is-alive.js';
import { systemErrorCode } from '../values/system-error-code.js';

/** Thrown when another process uses the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/** Locks a folder for one process. A file next to the folder contains the ID of that process. */
export class FolderLock {
  private constructor(readonly path: string) {}

  /**
   * Locks a folder, which need not exist yet.
   *
   * @throws {FolderInUseError} while the process that holds the lock is alive
   */
  static async take(folder: string): Promise<FolderLock> {
    const path = `${folder}.lock`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        await writeFile(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
        return new FolderLock(path);
      } catch (error) {
        if (systemErrorCode(error) !== 'EEXIST') throw error;
      }
      if (await isHeld(path)) break;
      await breakLock(path, async () => !(await isHeld(path)));
    }
    throw new FolderInUseError(
      `Another process uses ${folder}. Stop that process, or set STATE_DIRECTORY or DATABASE_URL for this one. ` +
        `If no such process exists, delete ${path}.`,
    );
  }

  async release(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Returns whether the process that wrote a lock is alive. */
const isHeld = async (path: string): Promise<boolean> =>
  isAlive(Number(await readFile(path, 'utf8').catch(() => '')));
