import { setTimeout as pause } from 'node:timers/promises';

import { Kysely, PostgresDialect } from 'kysely';
import type { Pool } from 'pg';

import { cancel } from './cancellation.js';
import type { DatabaseServer } from './database-server.js';
import { Lease } from './lease.js';
import { openPool } from './open-pool.js';
import type { TenantKey } from './tenant-key.js';
import { unlessAborted } from './unless-aborted.js';
import { DatabaseUnavailableError, troubleOf } from './unavailable.js';
import { type OwningCall, unitOfWork, type TransactionWork } from './unit-of-work.js';

/** Additional connections for canceling statements and for health checks. */
const CONTROL_CONNECTIONS = 2;
const CONTROL_TIMEOUT_MS = 5_000;
const RETIRE_INTERVAL_MS = 50;

/** PostgreSQL on a server, reached through a pool of connections. */
export class PostgresServer implements DatabaseServer {
  readonly #pool: Pool;
  readonly #control: Pool;

  /**
   * @param url connection string with the role of all queries
   * @param key signs the organization of each transaction
   */
  constructor(
    url: string,
    poolSize: number,
    readonly key: TenantKey,
  ) {
    this.#pool = openPool(url, poolSize);
    this.#control = openPool(url, CONTROL_CONNECTIONS, CONTROL_TIMEOUT_MS);
  }

  /** Resolves when the server answers. A connection without an answer is not used again. */
  async look(): Promise<void> {
    await this.#control.query('select 1');
  }

  /** Number of calls that wait for a connection. */
  get waiting(): number {
    return this.#pool.waitingCount;
  }

  /** Database access outside any organization, to inspect roles and tables. */
  get control(): Kysely<unknown> {
    return new Kysely({ dialect: new PostgresDialect({ pool: this.#control }) });
  }

  async transaction<Outcome>(
    organizationId: string,
    call: OwningCall,
    work: TransactionWork<Outcome>,
  ): Promise<Outcome> {
    const lease = await this.#lease(call.signal);
    const ended = new AbortController();
    let cancelling: Promise<void> | undefined;
    const onAbort = (): void => {
      cancelling = cancel(lease, this.#control, ended.signal);
    };
    call.signal.addEventListener('abort', onAbort, { once: true });
    try {
      const onBegin = (processId: number): void => {
        lease.processId = processId;
      };
      const tenant = { organizationId, key: this.key, onBegin };
      return await unitOfWork(lease.database, call, tenant, work);
    } catch (error) {
      call.signal.throwIfAborted();
      throw lease.lost || troubleOf(error) ? new DatabaseUnavailableError(error) : error;
    } finally {
      call.signal.removeEventListener('abort', onAbort);
      ended.abort();
      // Otherwise, the cancellation could hit a statement of the next user of this connection.
      await cancelling;
      void lease.giveBack();
    }
  }

  /** Closes all connections once running transactions have ended. They may still be canceled until then. */
  async close(): Promise<void> {
    await this.#pool.end();
    await this.#control.end();
  }

  /** Closes like {@link close}, once the calls that wait for a connection have had theirs. */
  async retire(): Promise<void> {
    while (this.waiting > 0) await pause(RETIRE_INTERVAL_MS);
    await this.close();
  }

  async #lease(signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    const connecting = this.#pool.connect().then((client) => new Lease(client));
    try {
      return await unlessAborted(connecting, signal);
    } catch (error) {
      connecting.then(
        (lease) => lease.giveBack(),
        () => undefined,
      );
      signal.throwIfAborted();
      throw new DatabaseUnavailableError(error);
    }
  }
}
