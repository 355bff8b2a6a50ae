import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { systemErrorCode } from '../../values/system-error-code.js';
import type { Io } from '../terminal/io.js';
import { formatted } from './format.js';

/** New contents of one file. */
export interface Change {
  readonly path: string;
  /** Contents now; undefined for a new file. */
  readonly before: string | undefined;
  readonly after: string;
  /** Explains the change, such as `provides OrderTools`. */
  readonly what: readonly string[];
}

/** Collects changes of files. Nothing is written before all of them are known. */
export class ChangeSet {
  readonly #changes = new Map<string, Change>();

  /**
   * Returns the contents of a file with the changes so far.
   *
   * @returns undefined if there is no such file
   */
  read(path: string): string | undefined {
    return this.#changes.get(path)?.after ?? contentsOf(path);
  }

  /** @throws {Error} when the file exists */
  create(path: string, text: string): void {
    if (this.#changes.has(path) || existsSync(path)) {
      throw new Error(`${path} exists, so nothing was written. Choose another name.`);
    }
    this.#changes.set(path, { path, before: undefined, after: text, what: [] });
  }

  /** Replaces the contents of a file, or creates it. Does nothing if they stay the same. */
  change(path: string, text: string, what: string): void {
    const {
      before,
      after,
      what: earlier,
    } = this.#changes.get(path) ?? {
      before: contentsOf(path),
      after: contentsOf(path),
      what: [],
    };
    if (text !== after) this.#changes.set(path, { path, before, after: text, what: [...earlier, what] });
  }

  /** Returns the changes, formatted as the project formats its files. */
  async list(): Promise<Change[]> {
    return Promise.all(
      [...this.#changes.values()].map(async (change) => ({ ...change, after: await formatted(change) })),
    );
  }
}

/** Writes all changes, or none. */
export function writeChanges(changes: readonly Change[]): void {
  const written: Change[] = [];
  try {
    for (const change of changes) {
      mkdirSync(dirname(change.path), { recursive: true });
      // A file that appeared in the meantime is not overwritten.
      if (change.before === undefined) closeSync(openSync(change.path, 'wx'));
      written.push(change);
      writeFileSync(change.path, change.after);
    }
  } catch (cause) {
    for (const { path, before } of written) {
      if (before === undefined) rmSync(path);
      else writeFileSync(path, before);
    }
    throw new Error(`Nothing was changed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Writes the changes, unless this is a dry run, and says what they are. */
export function applyChanges(changes: readonly Change[], dryRun: boolean, io: Io): void {
  if (!dryRun) writeChanges(changes);
  for (const { path, before, what } of changes) {
    const verb = before === undefined ? 'created' : 'changed';
    io.stdout.write(`${verb}  ${path}${what.length === 0 ? '' : ` (${what.join(', ')})`}\n`);
  }
  if (dryRun && changes.length > 0) io.stdout.write('Nothing was written: this is a dry run.\n');
}

function contentsOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read (${systemErrorCode(cause)}).`, { cause });
  }
}
