import { open, rm, stat } from 'node:fs/promises';

import { systemErrorCode } from '../values/system-error-code.js';

/** Age after which a guard counts as left behind by a killed process, milliseconds. Breaking a lock takes a few of them. */
const STALE_GUARD_MS = 1_000;

/**
 * Time in the future from which a file counts as left behind too, milliseconds: the clock was set back after it was
 * written. The clock of a file server may be ahead by less.
 */
const MAX_LEAD_MS = 60_000;

/**
 * Removes a lock file that its process has left behind. A second file guards it meanwhile: otherwise, of two processes
 * that find the same lock, the slower one would remove the new lock of the faster one.
 *
 * Does nothing while another process does this. Try again to take the lock in either case.
 *
 * @param isStale decides again whether the lock was left behind
 */
export async function breakLock(path: string, isStale: () => Promise<boolean>): Promise<void> {
  const guard = `${path}.breaking`;
  try {
    await (await open(guard, 'wx', 0o600)).close();
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    if (await isLeftBehind(guard, STALE_GUARD_MS)) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isStale()) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/**
 * Returns whether a file was left behind, by the time when it was written; false if it does not exist.
 *
 * @param maxAgeMs maximum age of a file in use
 */
export async function isLeftBehind(path: string, maxAgeMs: number): Promise<boolean> {
  const now = Date.now();
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
  return mtimeMs < now - maxAgeMs || mtimeMs > now + MAX_LEAD_MS;
}
