import { setTimeout as pause } from 'node:timers/promises';

import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { ConfigurationError } from '../config/configuration-error.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { Reloads } from '../config/reloads.js';
import { Availability } from './availability.js';
import type { DatabaseServer } from './database-server.js';
import { EmbeddedDatabase } from './embedded-database.js';
import { notingChanges } from './organization-transaction.js';
import type { ServerSettings } from './open-server.js';
import type { PostgresServer } from './postgres-server.js';
import type { ReadQuery } from './read.js';
import { ServerChecks } from './server-checks.js';
import type { ServerState } from './server-state.js';
import { asUnavailable, DatabaseUnavailableError, isRefusedLogin } from './unavailable.js';
import type { OwningCall, TransactionWork } from './unit-of-work.js';

/** Delays before the server is checked again after a failure. Each delay doubles, up to the maximum. */
const MIN_RETRY_DELAY_MS = 250;
const MAX_RETRY_DELAY_MS = 5_000;

/** Maximum time that a call waits while the server refuses the login, and the delay between two attempts. */
const MAX_LOGIN_WAIT_MS = 5_000;
const LOGIN_RETRY_DELAY_MS = 200;

/** Variables whose changes apply without a restart. */
const RELOADED = [
  'DATABASE_URL',
  'DATABASE_MIGRATION_URL',
  'DATABASE_TENANT_SECRET',
  'DATABASE_POOL_SIZE',
] as const;

/** Opens, checks and monitors the database of this process. Loads the drivers only when a database is configured. */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('Database');
  #server: PostgresServer | undefined;
  /** Ends when the connections of previous settings are closed. */
  #retiring: Promise<unknown> | undefined;
  readonly #embedded: EmbeddedDatabase | undefined;
  readonly #availability = new Availability();
  #isFit = false;
  #wasFit = false;
  #problem: string | undefined;
  #isClosing = false;
  /** Next attempt to prepare the server. */
  #timer: NodeJS.Timeout | undefined;
  #checks: ServerChecks | undefined;
  #renewal = new AbortController();

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    reloads: Reloads,
  ) {
    const settings = configuration.database;
    if (settings?.kind === 'embedded') this.#embedded = new EmbeddedDatabase(settings.folder);
    reloads.on(RELOADED, ({ database }) => {
      if (database?.kind !== 'server' || !this.#server) return false;
      void this.#renew(database);
      return true;
    });
  }

  /** @throws {ConfigurationError} when the server can be reached but is not set up correctly */
  async onModuleInit(): Promise<void> {
    const { database } = this.configuration;
    if (database?.kind !== 'server') return;
    const { openServer } = await import('./open-server.js');
    const server = await openServer(database);
    if (this.#isClosing) return;
    this.#server = server;
    await this.#prepare(server, database.migrationUrl, MIN_RETRY_DELAY_MS, true);
  }

  /**
   * Runs work in a new transaction that sees the rows of one organization.
   *
   * @throws {DatabaseUnavailableError} when the server cannot be used, or has not passed its checks yet
   * @throws {FolderInUseError} when another process uses the embedded database
   */
  async transaction<Outcome>(
    organizationId: string,
    call: OwningCall,
    work: TransactionWork<Outcome>,
  ): Promise<Outcome> {
    let hasChanged = false;
    const noted = this.#availability.needsChange ? notingChanges(work, () => (hasChanged = true)) : work;
    const outcome = await this.#onServer(call, (server) => server.transaction(organizationId, call, noted));
    this.#availability.succeeded(hasChanged);
    return outcome;
  }

  /**
   * Runs one query in a read-only transaction that sees the rows of one organization.
   *
   * @throws like {@link transaction}
   */
  async read<Row, Values extends object>(
    organizationId: string,
    call: OwningCall,
    build: ReadQuery<Row, Values>,
    values?: Values,
  ): Promise<Row[]> {
    const rows = await this.#onServer(call, (server) => server.read(organizationId, call, build, values));
    this.#availability.succeeded(false);
    return rows;
  }

  async #onServer<Outcome>(
    { signal }: OwningCall,
    work: (server: DatabaseServer) => Promise<Outcome>,
  ): Promise<Outcome> {
    if (this.configuration.database?.kind === 'server' && !this.#isFit) {
      throw new DatabaseUnavailableError('The database has not passed its checks yet.');
    }
    const lastLogin = performance.now() + MAX_LOGIN_WAIT_MS;
    for (;;) {
      const server = this.#server ?? (await this.#embedded?.open());
      if (!server) throw new Error('No database is configured. Set DATABASE_URL.');
      try {
        return await work(server);
      } catch (error) {
        if (error instanceof DatabaseUnavailableError) this.#availability.failed(error);
        // The password may have changed a moment before its file.
        if (!isRefusedLogin(error) || performance.now() > lastLogin) throw error;
        await pause(LOGIN_RETRY_DELAY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Opens the embedded database in the background. A failure is left to the first call, which tries again. */
  openAhead(): void {
    this.#embedded?.open().catch(() => undefined);
  }

  /** State of the configured server by the latest check and the latest transactions; undefined without a server. */
  get server(): ServerState | undefined {
    return (
      this.#server && {
        isFit: this.#isFit,
        wasFit: this.#wasFit,
        trouble: this.#availability.trouble,
        waiting: this.#server.waiting,
      }
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isClosing = true;
    this.#renewal.abort();
    clearTimeout(this.#timer);
    this.#checks?.end();
    await Promise.all([this.#server?.close(), this.#embedded?.close(), this.#retiring]);
  }

  /** Migrates and checks the server. Retries later on failure, except for a wrong setup at startup. */
  async #prepare(
    server: PostgresServer,
    migrationUrl: string | undefined,
    delay: number,
    isStarting: boolean,
  ): Promise<void> {
    try {
      const { prepareServer } = await import('./prepare-server.js');
      await prepareServer(server.control, migrationUrl, server.key);
      if (!this.#isCurrent(server)) return;
      this.#use(server);
    } catch (error) {
      if (isStarting && error instanceof ConfigurationError) {
        await server.close();
        throw error;
      }
      if (!this.#isCurrent(server)) return;
      if (error instanceof ConfigurationError) this.#unfit(error);
      else this.#availability.failed(asUnavailable(error));
      const next = Math.min(delay * 2, MAX_RETRY_DELAY_MS);
      this.#timer = setTimeout(() => void this.#prepare(server, migrationUrl, next, false), delay);
    }
  }

  /** Moves to changed settings once they work. Until then, the previous ones stay in use. */
  async #renew(settings: ServerSettings): Promise<void> {
    this.#renewal.abort();
    const renewal = (this.#renewal = new AbortController());
    const { openOnceUsable } = await import('./open-server.js');
    const server = await openOnceUsable(settings, this.#logger, renewal.signal);
    if (!server) return;
    const previous = this.#server;
    this.#server = server;
    this.#use(server);
    this.#logger.log('The changed settings of the database are in use.');
    await (this.#retiring = Promise.all([previous?.retire(), this.#retiring]));
  }

  /** Lets calls use the server, and checks it in the background instead of the previous one. */
  #use(server: PostgresServer): void {
    this.#isFit = this.#wasFit = true;
    this.#problem = undefined;
    this.#availability.succeeded();
    clearTimeout(this.#timer);
    this.#checks?.end();
    this.#checks = new ServerChecks(server, {
      accepted: () => this.#availability.succeeded(),
      refused: () => this.#refuse(server),
      failed: (error) => this.#availability.failed(error),
    });
  }

  /**
   * Refuses calls until the database accepts the key of this instance again: without it, queries see no rows. Does not
   * register the key, because an instance with an outdated key would take away the key of the current ones.
   */
  #refuse(server: PostgresServer): void {
    this.#isFit = false;
    void this.#prepare(server, undefined, MIN_RETRY_DELAY_MS, false);
  }

  /** Whether the server is in use. */
  #isCurrent(server: PostgresServer): boolean {
    return !this.#isClosing && server === this.#server;
  }

  /** Logs the problems that would have stopped the startup, once until they are solved. */
  #unfit({ problems }: ConfigurationError): void {
    this.#availability.reached();
    const texts = problems.map(({ variable, problem, remedy }) => `${variable} ${problem} ${remedy}`);
    const text = `The database cannot be used: ${texts.join(' ')}`;
    if (text !== this.#problem) this.#logger.error(text);
    this.#problem = text;
  }
}
