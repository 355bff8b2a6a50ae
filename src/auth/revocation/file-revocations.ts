import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { breakLock, isLeftBehind } from '../../files/break-lock.js';
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

  now(): Promise<number> {
    return Promise.resolve(Date.now());
  }

  async replace(expected: string | undefined, text: string): Promise<boolean> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const owner = randomUUID();
    if (!(await this.#acquireLock(owner))) return false;
    try {
      return (await this.read()) === expected && (await this.#write(text, owner));
    } finally {
      if (await this.#isOf(owner)) await rm(this.#lock, { force: true });
    }
  }

  watch({ onChange }: RevocationWatcher): void {
    this.#unfollow = followFile(this.place, onChange);
  }

  close(): void {
    this.#unfollow?.();
  }

  /**
   * Writes a temporary file and renames it, so that readers never see a partial list, even after a crash.
   *
   * @returns false if another process has broken the lock, because this one was suspended for long
   */
  async #write(text: string, owner: string): Promise<boolean> {
    const temporary = join(this.directory, `.revocations.${randomUUID()}`);
    try {
      await writeFile(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
      if (!(await this.#isOf(owner))) return false;
      await rename(temporary, this.place);
      return true;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #acquireLock(owner: string): Promise<boolean> {
    try {
      await writeFile(this.#lock, owner, { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') {
        await rm(this.#lock, { force: true }); // a full disk may have kept an empty one
        throw error;
      }
      if (await this.#isStale()) await breakLock(this.#lock, () => this.#isStale());
      return false;
    }
  }

  #isStale(): Promise<boolean> {
    return isLeftBehind(this.#lock, STALE_LOCK_MS);
  }

  /** Returns whether the lock is that of an owner. */
  async #isOf(owner: string): Promise<boolean> {
    return (await readFile(this.#lock, 'utf8').catch(() => undefined)) === owner;
  }
}
