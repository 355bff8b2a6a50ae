import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

import { createFile } from '../values/create-file.js';
import { systemErrorCode } from '../values/system-error-code.js';

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY_FILE = 0o600;

/** Directory of small JSON files that survive a restart. Only their owner can read them. */
export class StateDirectory {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens the directory. Creates it if it does not exist. */
  static async open(path: string): Promise<StateDirectory> {
    await mkdir(path, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    return new StateDirectory(path);
  }

  /** Refers to a directory without creating it, for reading only. */
  static at(path: string): StateDirectory {
    return new StateDirectory(path);
  }

  /**
   * Reads and parses a file. Returns undefined if it does not exist.
   *
   * @throws {Error} when the content is invalid
   */
  async read<T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const text = await this.#readText(name);
    return text === undefined ? undefined : this.#parse(name, text, schema);
  }

  /**
   * Reads and parses the lines of a file. Returns undefined if it does not exist. Ignores a last line that a crash cut off:
   * replace the file before anything is appended.
   */
  async readLines<T>(name: string, schema: z.ZodType<T>): Promise<T[] | undefined> {
    const text = await this.#readText(name);
    if (text === undefined) return undefined;
    const complete = text.slice(0, text.lastIndexOf('\n') + 1);
    const lines = complete.split('\n').filter((line) => line !== '');
    return lines.map((line) => this.#parse(name, line, schema));
  }

  /** Appends a line to a file. */
  async append(name: string, entry: unknown): Promise<void> {
    await appendFile(join(this.#path, name), `${JSON.stringify(entry)}\n`, { mode: OWNER_ONLY_FILE });
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#path, name), { force: true });
  }

  /** Replaces a file atomically: a reader sees the old content or the new, never a part. */
  async replace(name: string, content: unknown): Promise<void> {
    await rename(await this.#writeTemporary(name, content), join(this.#path, name));
  }

  /** Creates a file unless it exists. Returns whether it was created; see {@link createFile}. */
  async create(name: string, content: unknown): Promise<boolean> {
    return createFile(join(this.#path, name), jsonOf(content));
  }

  /** Reads a file. Returns undefined if it does not exist. */
  async #readText(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#path, name), 'utf8');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw this.#unusable(name, error);
    }
  }

  #parse<T>(name: string, text: string, schema: z.ZodType<T>): T {
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw this.#unusable(name, cause);
    }
  }

  #unusable(name: string, cause: unknown): Error {
    return new Error(
      `${join(this.#path, name)} cannot be read as state of the development issuer. Delete it to start over.`,
      { cause },
    );
  }

  async #writeTemporary(name: string, content: unknown): Promise<string> {
    const path = join(this.#path, `.${name}.${randomUUID()}`);
    await writeFile(path, jsonOf(content), { flag: 'wx', mode: OWNER_ONLY_FILE });
    return path;
  }
}

const jsonOf = (content: unknown): string => `${JSON.stringify(content, null, 2)}\n`;
