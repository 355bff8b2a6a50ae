import { readdir, readFile, stat } from 'node:fs/promises';

import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';

const INTERVAL_MS = 2_000;
/** Shares of the limit at which the process warns, and below which the warning is over. */
const WARN_SHARE = 0.9;
const CLEAR_SHARE = 0.75;

const FOLDER = '/proc/self/fd';

/**
 * Watches how many files the process has open. Connections count as files. Where the limit is reached, Node.js closes new
 * connections without an error, and nothing else would tell.
 *
 * Only Linux shows the number and the limit.
 */
@Injectable()
export class OpenFiles implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('OpenFiles');
  #timer: NodeJS.Timeout | undefined;
  #isHigh = false;
  #count: number | undefined;
  #limit: number | undefined;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Pick<Configuration, 'http'>) {}

  /** Number of open files at the latest look; undefined if the system does not show it. */
  get count(): number | undefined {
    return this.#count;
  }

  /** Maximum number of open files; undefined if the system does not show it. */
  get limit(): number | undefined {
    return this.#limit;
  }

  async onModuleInit(): Promise<void> {
    this.#limit = await limitOfProcess();
    if (this.#limit === undefined) return;
    const { maxConnections } = this.configuration.http;
    if (this.#limit < maxConnections) {
      this.#logger.warn(
        `The process may open ${this.#limit} files, fewer than MAX_CONNECTIONS (${maxConnections}). Raise the hard limit (ulimit -Hn), or lower MAX_CONNECTIONS.`,
      );
    }
    await this.#look(this.#limit);
    this.#timer = setInterval((limit: number) => void this.#look(limit), INTERVAL_MS, this.#limit).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async #look(limit: number): Promise<void> {
    const count = await countOpen(limit);
    this.#count = count;
    if (!this.#isHigh && count >= limit * WARN_SHARE) {
      this.#isHigh = true;
      this.#logger.error(
        `${count} of ${limit} files are open. At the limit, new connections are closed at once. Raise the hard limit (ulimit -Hn), or lower MAX_CONNECTIONS.`,
      );
    } else if (this.#isHigh && count < limit * CLEAR_SHARE) {
      this.#isHigh = false;
      this.#logger.log(`${count} of ${limit} files are open.`);
    }
  }
}

/** Counts the open files. Newer kernels (6.2) tell the number without a list. */
async function countOpen(limit: number): Promise<number> {
  try {
    const { size } = await stat(FOLDER);
    return size > 0 ? size : (await readdir(FOLDER)).length;
  } catch {
    return limit; // not even the list can be opened
  }
}

async function limitOfProcess(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
