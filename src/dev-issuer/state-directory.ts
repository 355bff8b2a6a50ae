import { randomUUID } from 'node:crypto';
import { appendFile, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { hasErrorCode } from './error-code.js';

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY_FILE = 0o600;

/** A folder of small JSON files that survive a restart, readable by their owner only. */
export class StateDirectory {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens the folder, creating it where it does not exist. */
  static async open(path: string): Promise<StateDirectory> {
    await mkdir(path, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    return new StateDirectory(path);
  }

  /** Refers to the folder as it is, also where it does not exist. Only reads it. */
  static at(path: string): StateDirectory {
    return new StateDirectory(path);
  }

  /** The parsed content, or undefined where there is no such file. Throws where it is not what was written. */
  async read<T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const text = await this.#readText(name);
    return text === undefined ? undefined : this.#parse(name, text, schema);
  }

  /** The parsed lines; none where there is no such file. A last line that a crash cut off is left out. */
  async readLines<T>(name: string, schema: z.ZodType<T>): Promise<T[]> {
    const text = (await this.#readText(name)) ?? '';
    const complete = text.slice(0, text.lastIndexOf('\n') + 1);
    const lines = complete.split('\n').filter((line) => line !== '');
    return lines.map((line) => this.#parse(name, line, schema));
  }

  /** Adds a line to the file. */
  async append(name: string, entry: unknown): Promise<void> {
    await appendFile(join(this.#path, name), `${JSON.stringify(entry)}\n`, { mode: OWNER_ONLY_FILE });
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#path, name), { force: true });
  }

  /** Replaces the file whole, so that a reader sees the old content or the new and never a part. */
  async replace(name: string, content: unknown): Promise<void> {
    await rename(await this.#writeTemporary(name, content), join(this.#path, name));
  }

  /**
   * Creates the file unless it exists; returns whether it did. A hard link makes a complete file appear in one
   * step and fails where the name is taken, so of two processes that start at once exactly one wins, and the
   * other never reads half a file.
   */
  async create(name: string, content: unknown): Promise<boolean> {
    const temporary = await this.#writeTemporary(name, content);
    try {
      await link(temporary, join(this.#path, name));
      return true;
    } catch (error) {
      if (hasErrorCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** The content, or undefined where there is no such file. */
  async #readText(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#path, name), 'utf8');
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return undefined;
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
      `${join(this.#path, name)} cannot be read as state of the development issuer. Delete it to start afresh.`,
      { cause },
    );
  }

  async #writeTemporary(name: string, content: unknown): Promise<string> {
    const path = join(this.#path, `.${name}.${randomUUID()}`);
    await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx', mode: OWNER_ONLY_FILE });
    return path;
  }
}
