import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

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
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      const owner = Number(await readFile(path, 'utf8').catch(() => ''));
      if (isAlive(owner)) break;
      // The lock is stale. If several processes find it, only one can rename it.
      const stale = `${path}.${process.pid}`;
      await rename(path, stale).catch(() => undefined);
      await rm(stale, { force: true });
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

function isAlive(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0); // signal 0 only checks that the process exists
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
