import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { followFile } from '../../files/follow-file.js';
import { systemErrorCode } from '../../files/system-error-code.js';
import { UnreadableRevocationsError } from './revocation-document.js';
import type { RevocationStorage } from './revocation-storage.js';

/** A lock older than this was left behind by a process that was killed, milliseconds. */
const STALE_LOCK = 5_000;

/** The revocation list in a file of the state directory, for one instance and the command line beside it. */
export class FileRevocations implements RevocationStorage {
  readonly kind = 'file';
  readonly place: string;
  readonly #lock: string;
  #unfollow: (() => void) | undefined;

  constructor(private readonly directory: string) {
    this.place = join(directory, 'revocations.json');
    this.#lock = join(directory, '.revocations.lock');
  }

  async read(): Promise<string | undefined> {
    try {
      return await readFile(this.place, 'utf8');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw new UnreadableRevocationsError(`the file cannot be read (${systemErrorCode(error)})`, {
        cause: error,
      });
    }
  }

  async replace(expected: string | undefined, text: string): Promise<boolean> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    if (!(await this.#acquireLock())) return false;
    try {
      if ((await this.read()) !== expected) return false;
      await this.#write(text);
      return true;
    } finally {
      await rm(this.#lock, { force: true });
    }
  }

  watch(changed: () => void): void {
    this.#unfollow = followFile(this.place, changed);
  }

  close(): void {
    this.#unfollow?.();
  }

  /** Renamed into place, so that a reader sees the old list or the new and never a part, even after a crash. */
  async #write(text: string): Promise<void> {
    const temporary = join(this.directory, `.revocations.${randomUUID()}`);
    try {
      await writeFile(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
      await rename(temporary, this.place);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #acquireLock(): Promise<boolean> {
    try {
      await (await open(this.#lock, 'wx', 0o600)).close();
      return true;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
      const { mtimeMs } = await stat(this.#lock).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > STALE_LOCK) await rm(this.#lock, { force: true });
      return false;
    }
  }
}
