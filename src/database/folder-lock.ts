import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { breakLock } from '../files/break-lock.js';
import { createFile } from '../values/create-file.js';
import { isAlive } from '../values/is-alive.js';
import { HAS_MACHINES, HOST, MACHINE } from './machine.js';

/** Maximum time to wait for another process that breaks a lock, and the delay between two attempts. */
const MAX_WAIT_MS = 2_000;
const RETRY_DELAY_MS = 20;

/** Text of a lock of this process. In another container, a process may have the same ID. */
const OWN = [process.pid, HOST, MACHINE].join(' ').trim();

/** Locks that this process holds or takes. A killed process with its ID may have left others behind. */
const held = new Set<string>();

/** Thrown when another process uses the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/** Locks a folder for one process. A file next to the folder contains the ID, host and machine of that process. */
export class FolderLock {
  #released: Promise<void> | undefined;

  private constructor(readonly path: string) {}

  /**
   * Locks a folder, which need not exist yet.
   *
   * @throws {FolderInUseError} while the process that holds the lock is alive, or runs elsewhere
   */
  static async take(folder: string): Promise<FolderLock> {
    const path = resolve(`${folder}.lock`);
    if (!held.has(path)) {
      held.add(path);
      try {
        if (await isTaken(path)) return new FolderLock(path);
      } catch (error) {
        held.delete(path);
        throw error;
      }
      held.delete(path);
    }
    throw new FolderInUseError(
      `Another process uses ${folder}${await holderIn(path)}. Stop that process, or set STATE_DIRECTORY or ` +
        `DATABASE_URL for this one. If no such process exists, delete ${path}.`,
    );
  }

  /** Releases the lock once: afterwards, the file may be the lock of another process. */
  release(): Promise<void> {
    this.#released ??= rm(this.path, { force: true })
      .catch((error: unknown) => {
        this.#released = undefined; // so that a caller may try again
        throw error;
      })
      .finally(() => held.delete(this.path));
    return this.#released;
  }
}

/** Tries to take a lock, and breaks one that was left behind. Returns whether the lock was taken. */
async function isTaken(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const deadline = performance.now() + MAX_WAIT_MS;
  for (;;) {
    // In one step: without its content, the lock would look left behind.
    if (await createFile(path, `${OWN}\n`)) return true;
    if ((await isForeign(path)) || performance.now() > deadline) return false;
    await breakLock(path, async () => !(await isForeign(path)));
    await pause(RETRY_DELAY_MS);
  }
}

/**
 * Returns whether another process wrote a lock and may be alive: of one elsewhere, nobody can tell here. The host name
 * may change with the network, and a restarted container keeps it but has another machine identity. A lock with the ID of
 * this process is of an earlier one, because `held` knows the others. Where machines have no identity, a renamed laptop is
 * more likely than a folder that two hosts share.
 */
async function isForeign(path: string): Promise<boolean> {
  const [id, host = HOST, machine] = await partsOf(path);
  const isSameMachine = machine === MACHINE && (machine !== undefined || !HAS_MACHINES);
  const isHere = host === HOST || isSameMachine;
  return !isHere || (Number(id) !== process.pid && isAlive(Number(id)));
}

/** Names the process that a lock names, for a message. */
async function holderIn(path: string): Promise<string> {
  const [id, host] = await partsOf(path);
  return id ? `: process ${id}${host === undefined ? '' : ` on ${host}`}` : '';
}

/** Returns the ID, host and machine in a lock. Locks of earlier versions contain the ID, or the ID and the host. */
const partsOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
