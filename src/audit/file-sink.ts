import { constants, fstatSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { systemErrorCode } from '../values/system-error-code.js';
import type { AuditLine } from './audit-record.js';
import type { AuditSink } from './sink.js';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;

/** Age from which a file proves that others are older. At midnight, the file of yesterday does. */
const MIN_PROOF_AGE_MS = 20 * HOUR_MS;

/** Last writes before this time come from a clock that was not set yet, because this software did not exist then. */
const MIN_LAST_WRITE = Date.UTC(2026, 0, 1);

/** Maximum number of bytes of a UTF-16 code unit in UTF-8. */
const MAX_UNIT_BYTES = 3;

/** Maximum size of the memory that is kept for the next batch. A usual batch needs a third of it. */
const MAX_KEPT_BYTES = 2 * 1024 ** 2;

const { O_CREAT, O_EXCL, O_WRONLY } = constants;
/** Lets a write end when its data are on the disk, which saves a call for each. Undefined on Windows. */
const O_DSYNC: number | undefined = constants.O_DSYNC;
const OPEN_FLAGS = O_WRONLY | (O_DSYNC ?? 0);

/** Name of the file of a chain: `audit-<time>-<uuid>.jsonl`. */
export const AUDIT_FILE = /^audit-(\d{8}T\d{6}Z)-[\da-f-]{36}\.jsonl$/;
const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Writes each chain to a file of its own, which nobody but this process writes to. */
export class FileSink implements AuditSink {
  readonly name = 'file';
  #chain: string | undefined;
  #file: FileHandle | undefined;
  /** Length of the file up to its last whole line. */
  #length = 0;
  /** Reused for each batch, because allocating it costs more than filling it. */
  #memory = Buffer.alloc(0);
  /** Clock of the system, and `performance.now()` at the same moment. */
  #clock = { wall: Date.now(), ticks: performance.now() };

  /**
   * @param retention days after which a file is removed; undefined to keep all
   * @param onKept called when files that are too old cannot be removed, which stops no record
   */
  constructor(
    private readonly directory: string,
    private readonly retention: number | undefined,
    private readonly onKept: (error: unknown) => void,
  ) {}

  async write(lines: readonly AuditLine[]): Promise<void> {
    const [first] = lines;
    if (!first) return;
    const file = await this.#fileOf(first);
    const bytes = this.#bytesOf(lines);
    try {
      await writeAll(file, bytes, this.#length);
      if (O_DSYNC === undefined) await file.datasync();
    } catch (error) {
      // A full disk may have kept a part of the lines. They are written again at the same position.
      await file.truncate(this.#length).catch(() => {});
      // The handle is stale for good after a network disk was away. The next write opens the file again.
      await this.close().catch(() => {});
      throw error;
    }
    await this.#mustExist(file, first);
    this.#length += bytes.length;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** Returns lines as UTF-8, in memory that the next batch overwrites. */
  #bytesOf(lines: readonly AuditLine[]): Buffer {
    const most = lines.reduce((sum, { text }) => sum + (text.length + 1) * MAX_UNIT_BYTES, 0);
    const memory = most <= this.#memory.length ? this.#memory : Buffer.allocUnsafeSlow(most);
    if (most <= MAX_KEPT_BYTES) this.#memory = memory;
    let length = 0;
    for (const { text } of lines) length += memory.write(`${text}\n`, length);
    return memory.subarray(0, length);
  }

  async #fileOf({ chain }: AuditLine): Promise<FileHandle> {
    if (this.#file && this.#chain === chain) return this.#file;
    await this.close();
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await this.#removeOld().catch(this.onKept);
    const path = this.#pathOf(chain);
    const known = this.#chain === chain ? await reopen(path, this.#length) : undefined;
    this.#file = known ?? (await openNew(path));
    this.#chain = chain;
    if (!known) this.#length = 0;
    return this.#file;
  }

  #pathOf(chain: string): string {
    return join(this.directory, `audit-${chain}.jsonl`);
  }

  /**
   * A removed file would take all further records of the day without an error. A moved file still keeps them.
   *
   * @throws {Error} when the file was removed; the next write begins another one, which shows what is missing
   */
  async #mustExist(file: FileHandle, { chain }: AuditLine): Promise<void> {
    const path = this.#pathOf(chain);
    // The file is open, so this takes a microsecond.
    const { nlink, ino } = fstatSync(file.fd);
    if (nlink > 0 || (await inodeOf(path)) === ino) return;
    await this.close();
    this.#chain = undefined;
    throw new Error(`${path} was removed or replaced. Further records go to a new file with this name.`);
  }

  /** Removes old files. Their age counts up to the newest earlier file, so that a wrong clock removes nothing. */
  async #removeOld(): Promise<void> {
    if (this.retention === undefined) return;
    const names = (await readdir(this.directory)).filter((name) => AUDIT_FILE.test(name));
    const files = await Promise.all(names.map((name) => periodOf(this.directory, name)));
    const now = this.#now();
    const earlier = files.map(({ begin }) => begin).filter((begin) => begin < now - MIN_PROOF_AGE_MS);
    const oldest = Math.max(...earlier) - this.retention * DAY_MS;
    const old = files.filter(({ end }) => end >= MIN_LAST_WRITE && end < oldest);
    for (const { path } of old) await rm(path, { force: true });
  }

  /**
   * Returns the time. The clock may have been set ahead since the last call, also for processes that share the folder.
   * This call ignores that. The next one accepts it, because the clock may have been wrong before or the machine asleep.
   */
  #now(): number {
    const { wall, ticks } = this.#clock;
    this.#clock = { wall: Date.now(), ticks: performance.now() };
    return Math.min(this.#clock.wall, wall + this.#clock.ticks - ticks);
  }
}

/** File of a chain and the time of its records, milliseconds since the epoch. */
interface Period {
  readonly path: string;
  readonly begin: number;
  readonly end: number;
}

/**
 * Returns the time of the records of a file, which ends with the last write: a later name comes from a clock that was
 * ahead. Begin and end are NaN if another process has just removed the file.
 */
async function periodOf(directory: string, name: string): Promise<Period> {
  const path = join(directory, name);
  const named = Date.parse(name.replace(AUDIT_FILE, '$1').replace(STAMP, '$1-$2-$3T$4:$5:$6Z'));
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.NaN }));
  return { path, begin: Math.min(named, mtimeMs), end: mtimeMs };
}

/**
 * Creates a file for this process alone. One that somebody has put in its place, for example with an editor, is renamed:
 * it is no part of the trail, but may contain records of it.
 */
async function openNew(path: string): Promise<FileHandle> {
  const create = (): Promise<FileHandle> => open(path, O_CREAT | O_EXCL | OPEN_FLAGS, 0o600);
  try {
    return await create();
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    await rename(path, `${path}.replaced-${Date.now()}`);
    return create();
  }
}

/**
 * Opens a file of this process again.
 *
 * @param length length of its lines
 * @returns undefined if the file is gone or shorter
 */
async function reopen(path: string, length: number): Promise<FileHandle | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, OPEN_FLAGS);
    const { size } = await file.stat();
    if (size >= length) return file;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') {
      await file?.close().catch(() => {});
      throw error;
    }
  }
  await file?.close();
  return undefined;
}

const inodeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );

/** Writes all bytes. One write may store only a part of them, for example when the disk gets full. */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
