import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Another process has the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/** Keeps a folder for one process: a file beside it holds that process's id. */
export class FolderLock {
  private constructor(readonly path: string) {}

  /**
   * @param folder need not exist
   * @throws {FolderInUseError} while the process that has it lives
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
      // Left behind. Of several that find it so, one gets to move it.
      const stale = `${path}.${process.pid}`;
      await rename(path, stale).catch(() => undefined);
      await rm(stale, { force: true });
    }
    throw new FolderInUseError(
      `Another process uses ${folder}. Stop it, or set STATE_DIRECTORY or DATABASE_URL for this one. ` +
        `If there is none, delete ${path}.`,
    );
  }

  async release(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

function isAlive(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0); // asks, and ends nothing
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
