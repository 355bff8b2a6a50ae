import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { breakLock } from '../files/break-lock.js';
import { createFile } from '../values/create-file.js';
import { isAlive } from '../values/is-alive.js';

/** Maximum time to wait for another process that breaks a lock, and the delay between two attempts. */
const MAX_WAIT_MS = 2_000;
const RETRY_DELAY_MS = 20;

/** Thrown when another process uses the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/** Locks a folder for one process. A file next to the folder contains the ID of that process. */
export class FolderLock {
  #released: Promise<void> | undefined;

  private constructor(readonly path: string) {}

  /**
   * Locks a folder, which need not exist yet.
   *
   * @throws {FolderInUseError} while the process that holds the lock is alive
   */
  static async take(folder: string): Promise<FolderLock> {
    const path = `${folder}.lock`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const deadline = performance.now() + MAX_WAIT_MS;
    for (;;) {
      // In one step: without its content, the lock would look left behind.
      if (await createFile(path, `${process.pid}\n`)) return new FolderLock(path);
      if ((await isHeld(path)) || performance.now() > deadline) break;
      await breakLock(path, async () => !(await isHeld(path)));
      await pause(RETRY_DELAY_MS);
    }
    throw new FolderInUseError(
      `Another process uses ${folder}. Stop that process, or set STATE_DIRECTORY or DATABASE_URL for this one. ` +
        `If no such process exists, delete ${path}.`,
    );
  }

  /** Releases the lock once: afterwards, the file may be the lock of another process. */
  release(): Promise<void> {
    this.#released ??= rm(this.path, { force: true }).catch((error: unknown) => {
      this.#released = undefined; // still held, so that a caller may try again
      throw error;
    });
    return this.#released;
  }
}

/** Returns whether the process that wrote a lock is alive. */
const isHeld = async (path: string): Promise<boolean> =>
  isAlive(Number(await readFile(path, 'utf8').catch(() => '')));
