import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { ConfigurationError } from '../config/configuration-error.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { connectionProblem } from '../values/connection-problem.js';
import type { DatabaseServer } from './database-server.js';
import type { PostgresServer } from './postgres-server.js';
import type { TenantKey } from './tenant-key.js';
import { unlessAborted } from './unless-aborted.js';
import { DatabaseUnreachableError } from './unreachable.js';
import type { OwningCall, TransactionWork } from './unit-of-work.js';

/** Delays before the server is checked again after a failure. Each delay doubles, up to the maximum. */
const MIN_RETRY_DELAY_MS = 250;
const MAX_RETRY_DELAY_MS = 5_000;

/** Timeout of a readiness check. Health checks have short timeouts themselves. */
const CHECK_TIMEOUT_MS = 1_000;

/** Opens, checks and monitors the database of this process. Loads the drivers only when a database is configured. */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('Database');
  #server: PostgresServer | undefined;
  #embedded: Promise<DatabaseServer> | undefined;
  #isFit = false;
  #isReachable = true;
  #problem: string | undefined;
  #isClosing = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /** @throws {ConfigurationError} when the server can be reached but is not set up correctly */
  async onModuleInit(): Promise<void> {
    const { database } = this.configuration;
    if (database?.kind !== 'server') return;
    const { PostgresServer } = await import('./postgres-server.js');
    const { TenantKey } = await import('./tenant-key.js');
    const key = await TenantKey.fromSecret(database.tenantSecret);
    if (this.#isClosing) return;
    this.#server = new PostgresServer(database.url, database.poolSize, key);
    await this.#prepare(this.#server, key, MIN_RETRY_DELAY_MS, true);
  }

  /**
   * Runs work in a new transaction that sees the rows of one organization.
   *
   * @throws {DatabaseUnreachableError} when the server cannot be reached, or has not passed its checks yet
   * @throws {FolderInUseError} when another process uses the embedded database
   */
  async transaction<Outcome>(
    organizationId: string,
    call: OwningCall,
    work: TransactionWork<Outcome>,
  ): Promise<Outcome> {
    if (this.configuration.database?.kind === 'server' && !this.#isFit) {
      throw new DatabaseUnreachableError('The database has not passed its checks yet.');
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

  /** State of the configured server, without asking it; undefined without a server. */
  get server(): { readonly isUsable: boolean; readonly waiting: number } | undefined {
    return this.#server && { isUsable: this.#isFit && this.#isReachable, waiting: this.#server.waiting };
  }

  /** Returns whether a server is configured, whether it has passed its checks, and whether it answers now. */
  async status(): Promise<{ used: boolean; fit: boolean; reachable: boolean }> {
    if (!this.#server) return { used: false, fit: true, reachable: true };
    if (!this.#isFit) return { used: true, fit: false, reachable: this.#isReachable };
    try {
      await unlessAborted(this.#server.look(), AbortSignal.timeout(CHECK_TIMEOUT_MS));
      this.#reached();
    } catch (error) {
      this.#missed(error);
    }
    return { used: true, fit: true, reachable: this.#isReachable };
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#retry);
    await this.#server?.close();
    await (await this.#embedded?.catch(() => undefined))?.close();
  }

  /** Migrates and checks the server. Retries later on failure, except for a wrong setup at startup. */
  async #prepare(server: PostgresServer, key: TenantKey, delay: number, isStarting: boolean): Promise<void> {
    const { database } = this.configuration;
    const migrationUrl = database?.kind === 'server' ? database.migrationUrl : undefined;
    try {
      const { prepareServer } = await import('./prepare-server.js');
      await prepareServer(server.control, migrationUrl, key);
      this.#isFit = true;
      this.#reached();
    } catch (error) {
      if (isStarting && error instanceof ConfigurationError) {
        await server.close();
        throw error;
      }
      if (this.#isClosing) return;
      if (error instanceof ConfigurationError) this.#unfit(error);
      else this.#missed(error);
      const next = Math.min(delay * 2, MAX_RETRY_DELAY_MS);
      this.#retry = setTimeout(() => void this.#prepare(server, key, next, false), delay);
    }
  }

  #openEmbedded(): Promise<DatabaseServer> {
    const { database } = this.configuration;
    if (database?.kind !== 'embedded') throw new Error('No database is configured. Set DATABASE_URL.');
    this.#embedded ??= openEmbedded(database.folder).catch((error: unknown) => {
      this.#embedded = undefined; // the next call tries again
      throw error;
    });
    return this.#embedded;
  }

  #reached(): void {
    if (!this.#isReachable) this.#logger.log('The database can be reached again.');
    this.#isReachable = true;
  }

  /** Logs a problem that would have stopped the startup, if the server had been reachable then. Logs it once. */
  #unfit({ message }: ConfigurationError): void {
    if (message !== this.#problem) this.#logger.error(message);
    this.#problem = message;
  }

  #missed(error: unknown): void {
    const cause = error instanceof DatabaseUnreachableError ? error.cause : error;
    if (this.#isReachable) this.#logger.error(`The database cannot be used: ${connectionProblem(cause)}`);
    this.#isReachable = false;
  }
}

async function openEmbedded(folder: string): Promise<DatabaseServer> {
  const { EmbeddedServer } = await import('./embedded-server.js');
  return EmbeddedServer.open(folder);
}
