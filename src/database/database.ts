import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { ConfigurationError } from '../config/configuration-error.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import type { DatabaseServer } from './database-server.js';
import type { PostgresServer } from './postgres-server.js';
import type { TenantKey } from './tenant-key.js';
import { unlessAborted } from './unless-aborted.js';
import { DatabaseUnreachableError, reasonOf } from './unreachable.js';
import type { Call, Work } from './unit-of-work.js';

/** How long after a failure it is tried again, milliseconds: at first, and at most. */
const RETRY_DELAY = { first: 250, longest: 5_000 };

/** Longest time that a look at the server may take, milliseconds: whoever asks for readiness has little. */
const PATIENCE = 1_000;

/** The one database of the process: opened, found fit, and watched. What it takes is loaded only where there is one. */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('Database');
  #server: PostgresServer | undefined;
  #embedded: Promise<DatabaseServer> | undefined;
  #fit = false;
  #reachable = true;
  #problem: string | undefined;
  #closing = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /** @throws {ConfigurationError} when the server is there and what it says stops the start */
  async onModuleInit(): Promise<void> {
    const { database } = this.configuration;
    if (database?.kind !== 'server') return;
    const { PostgresServer } = await import('./postgres-server.js');
    const { TenantKey } = await import('./tenant-key.js');
    const key = await TenantKey.fromSecret(database.tenantSecret);
    if (this.#closing) return;
    this.#server = new PostgresServer(database.url, database.poolSize, key);
    await this.#prepare(this.#server, key, RETRY_DELAY.first, true);
  }

  /**
   * Runs work in a transaction of its own that sees the rows of one organisation.
   *
   * @throws {DatabaseUnreachableError} when the server is away, or not yet known to be fit
   * @throws {FolderInUseError} when another process has the embedded database
   */
  async transaction<Outcome>(organizationId: string, call: Call, work: Work<Outcome>): Promise<Outcome> {
    if (this.configuration.database?.kind === 'server' && !this.#fit) {
      throw new DatabaseUnreachableError('It has not been looked at yet.');
    }
    const server = this.#server ?? (await this.#openEmbedded());
    try {
      const outcome = await server.transaction(organizationId, call, work);
      this.#reached();
      return outcome;
    } catch (error) {
      if (error instanceof DatabaseUnreachableError) this.#missed(error);
      throw error;
    }
  }

  /** Whether there is a server, whether it was found fit, and whether it answers now. */
  async status(): Promise<{ used: boolean; fit: boolean; reachable: boolean }> {
    if (!this.#server) return { used: false, fit: true, reachable: true };
    if (!this.#fit) return { used: true, fit: false, reachable: this.#reachable };
    try {
      await unlessAborted(this.#server.look(), AbortSignal.timeout(PATIENCE));
      this.#reached();
    } catch (error) {
      this.#missed(error);
    }
    return { used: true, fit: true, reachable: this.#reachable };
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    await this.#server?.close();
    await (await this.#embedded?.catch(() => undefined))?.close();
  }

  /** Looks at the server; where it is away, again later. */
  async #prepare(server: PostgresServer, key: TenantKey, delay: number, starting: boolean): Promise<void> {
    const { database } = this.configuration;
    const migrationUrl = database?.kind === 'server' ? database.migrationUrl : undefined;
    try {
      const { prepareServer } = await import('./prepare-server.js');
      await prepareServer(server.control, migrationUrl, key);
      this.#fit = true;
      this.#reached();
    } catch (error) {
      if (starting && error instanceof ConfigurationError) {
        await server.close();
        throw error;
      }
      if (this.#closing) return;
      if (error instanceof ConfigurationError) this.#unfit(error);
      else this.#missed(error);
      const next = Math.min(delay * 2, RETRY_DELAY.longest);
      this.#retry = setTimeout(() => void this.#prepare(server, key, next, false), delay);
    }
  }

  #openEmbedded(): Promise<DatabaseServer> {
    const { database } = this.configuration;
    if (database?.kind !== 'embedded') throw new Error('This deployment has no database: set DATABASE_URL.');
    this.#embedded ??= openEmbedded(database.folder).catch((error: unknown) => {
      this.#embedded = undefined; // the next call tries again
      throw error;
    });
    return this.#embedded;
  }

  #reached(): void {
    if (!this.#reachable) this.#logger.log('The database can be reached again.');
    this.#reachable = true;
  }

  /** The server is there at last, and what it says would have stopped the start. */
  #unfit({ message }: ConfigurationError): void {
    if (message !== this.#problem) this.#logger.error(message);
    this.#problem = message;
  }

  #missed(error: unknown): void {
    if (this.#reachable) this.#logger.error(`The database cannot be used: ${reasonOf(error)}`);
    this.#reachable = false;
  }
}

async function openEmbedded(folder: string): Promise<DatabaseServer> {
  const { EmbeddedServer } = await import('./embedded-server.js');
  return EmbeddedServer.open(folder);
}
