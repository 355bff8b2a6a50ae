import { Logger } from '@nestjs/common';

import type { DatabaseServer } from './database-server.js';
import { FolderInUseError } from './folder-lock.js';

/** Opens the embedded database when it is needed, and again after its thread has ended. */
export class EmbeddedDatabase {
  readonly #logger = new Logger('Database');
  #opened: Promise<DatabaseServer> | undefined;
  #isClosing = false;
  /** Whether the log says that another process uses the folder. */
  #isUseLogged = false;

  constructor(private readonly folder: string) {}

  /**
   * Returns the opened database. After a failure, the next call tries again.
   *
   * @throws {FolderInUseError} when another process uses the folder
   */
  open(): Promise<DatabaseServer> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await (await this.#opened?.catch(() => undefined))?.close();
  }

  async #open(): Promise<DatabaseServer> {
    try {
      const { EmbeddedServer } = await import('./embedded-server.js');
      const server = await EmbeddedServer.open(this.folder, () => this.#ended());
      this.#isUseLogged = false;
      return server;
    } catch (error) {
      this.#opened = undefined;
      if (error instanceof FolderInUseError && !this.#isUseLogged) {
        this.#logger.error(error.message);
        this.#isUseLogged = true;
      }
      throw error;
    }
  }

  #ended(): void {
    this.#opened = undefined;
    if (!this.#isClosing)
      this.#logger.error('The embedded database has ended. The next call opens it again.');
  }
}
