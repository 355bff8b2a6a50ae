import { Logger } from '@nestjs/common';
import { Kysely, PGliteDialect, type QueryExecutorProvider, sql } from 'kysely';

import { systemErrorCode } from '../values/system-error-code.js';
import type { DatabaseServer } from './database-server.js';
import { FolderLock } from './folder-lock.js';
import { migrate, migrationGap } from './migrate.js';
import { rowSecurityProblems } from './row-security.js';
import { PGliteThread } from './pglite-thread.js';
import { paramOf, readingError, type ReadQuery } from './read.js';
import { logQuery } from './query-steps.js';
import type { Tables } from './tables.js';
import { TenantKey } from './tenant-key.js';
import { unlessAborted } from './unless-aborted.js';
import { type OwningCall, type TransactionTenant, type TransactionWork, unitOfWork } from './unit-of-work.js';

/** Role of all queries by tools. The default role of PGlite is a superuser, which bypasses row security. */
const APPLICATION_ROLE = 'aerie_application';

/**
 * PGlite, a PostgreSQL in a thread of this process, for development. It has one connection: units of work run one at a
 * time, and a running statement cannot be canceled.
 */
export class EmbeddedServer implements DatabaseServer {
  private constructor(
    private readonly database: Kysely<Tables>,
    private readonly thread: PGliteThread,
    private readonly lock: FolderLock,
    private readonly key: TenantKey,
  ) {}

  /**
   * Starts the database. This takes seconds and several hundred megabytes.
   *
   * @param folder data folder, created if it does not exist
   * @param onExit called when its thread has exited, so that it can be opened again
   * @throws {FolderInUseError} when another process uses the folder
   */
  static async open(folder: string, onExit: () => void): Promise<EmbeddedServer> {
    const lock = await FolderLock.take(folder);
    let thread: PGliteThread | undefined;
    try {
      thread = await PGliteThread.open(folder);
      const dialect = new PGliteDialect({ pglite: thread });
      const owner = new Kysely<unknown>({ dialect });
      const key = TenantKey.random();
      await prepare(owner, key);
      await becomeApplication(owner);
      void thread.exited
        .then(() => lock.release())
        .catch((error: unknown) => {
          new Logger('Database').error(
            `${lock.path} could not be removed (${systemErrorCode(error)}). Delete it.`,
          );
        })
        .then(onExit);
      return new EmbeddedServer(new Kysely({ dialect, log: logQuery }), thread, lock, key);
    } catch (error) {
      await thread?.close();
      await lock.release();
      throw error;
    }
  }

  transaction<Outcome>(
    organizationId: string,
    call: OwningCall,
    work: TransactionWork<Outcome>,
  ): Promise<Outcome> {
    return this.#run({ organizationId, key: this.key }, call, work);
  }

  /** Runs one query in a read-only transaction. A single connection gains nothing from a batch. */
  async read<Row, Values extends object>(
    organizationId: string,
    call: OwningCall,
    build: ReadQuery<Row, Values>,
    values?: Values,
  ): Promise<Row[]> {
    try {
      return await this.#run({ organizationId, key: this.key, isReading: true }, call, (transaction) =>
        build(transaction, paramOf(values)).execute(),
      );
    } catch (error) {
      throw readingError(error);
    }
  }

  async #run<Outcome>(
    tenant: TransactionTenant,
    call: OwningCall,
    work: TransactionWork<Outcome>,
  ): Promise<Outcome> {
    call.signal.throwIfAborted();
    const turn = this.database.connection().execute(async (connection) => {
      try {
        await becomeApplication(connection);
        return await unitOfWork(connection, call, tenant, work);
      } finally {
        await sql`discard all`.execute(connection);
        await becomeApplication(connection);
      }
    });
    return unlessAborted(turn, call.signal);
  }

  /** Closes the database, and waits until its thread has exited. Kysely would close only what a query has used. */
  async close(): Promise<void> {
    await this.thread.close();
    await this.lock.release();
  }
}

/** Sets the role for the session: even a statement outside a transaction sees no rows, unlike the superuser. */
async function becomeApplication(database: QueryExecutorProvider): Promise<void> {
  await sql`set role ${sql.id(APPLICATION_ROLE)}`.execute(database);
}

async function prepare(database: Kysely<unknown>, key: TenantKey): Promise<void> {
  const { rows } = await sql`select from pg_roles where rolname = ${APPLICATION_ROLE}`.execute(database);
  if (rows.length === 0) await sql`create role ${sql.id(APPLICATION_ROLE)}`.execute(database);
  await migrate(database, APPLICATION_ROLE, key);
  const { breaking } = await migrationGap(database);
  if (breaking.length > 0) {
    throw new Error(`The embedded database has migrations of a newer version: ${breaking.join(', ')}.`);
  }
  const problems = await rowSecurityProblems(database, APPLICATION_ROLE);
  if (problems.length > 0) throw new Error(`The role of the embedded database ${problems.join('; ')}.`);
}
