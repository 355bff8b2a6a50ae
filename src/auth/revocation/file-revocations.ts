import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { followFile } from '../../files/follow-file.js';
import { systemErrorCode } from '../../values/system-error-code.js';
import { UnreadableRevocationsError } from './revocation-document.js';
import type { RevocationStorage, RevocationWatcher } from './revocation-storage.js';

/** Age after which a lock counts as left behind by a killed process, milliseconds. */
const STALE_LOCK_MS = 5_000;

/** Stores the revocation list in a file of the state directory, for one instance and the command line. */
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

  watch({ onChange }: RevocationWatcher): void {
    this.#unfollow = followFile(this.place, onChange);
  }

  close(): void {
    this.#unfollow?.();
  }

  /** Writes a temporary file and renames it, so that readers never see a partial list, even after a crash. */
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
      if (Date.now() - mtimeMs > STALE_LOCK_MS) await rm(this.#lock, { force: true });
      return false;
    }
  }
}
