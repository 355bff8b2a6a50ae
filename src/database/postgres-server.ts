import { Kysely, PostgresDialect } from 'kysely';
import type { Pool } from 'pg';

import { cancel } from './cancellation.js';
import type { DatabaseServer } from './database-server.js';
import { Lease } from './lease.js';
import { openPool } from './open-pool.js';
import type { TenantKey } from './tenant-key.js';
import { unlessAborted } from './unless-aborted.js';
import { DatabaseUnreachableError, saysAway } from './unreachable.js';
import { type Call, unitOfWork, type Work } from './unit-of-work.js';

/** Connections beside those of the pool: to cancel statements, and to look whether the server is there. */
const CONTROL_CONNECTIONS = 2;

/** Longest time that an answer there may take, milliseconds. */
const PATIENCE = 5_000;

/** A server of its own, reached through a pool of connections. */
export class PostgresServer implements DatabaseServer {
  readonly #pool: Pool;
  readonly #control: Pool;

  /**
   * @param url a connection string; its role is the one that queries run under
   * @param key signs the organization of each transaction
   */
  constructor(
    url: string,
    poolSize: number,
    private readonly key: TenantKey,
  ) {
    this.#pool = openPool(url, poolSize);
    this.#control = openPool(url, CONTROL_CONNECTIONS, PATIENCE);
  }

  /** Resolves when the server has answered. A connection on which it does not is not used again. */
  async look(): Promise<void> {
    await this.#control.query('select 1');
  }

  /** For what belongs to no organisation: looking at roles and tables. */
  get control(): Kysely<unknown> {
    return new Kysely({ dialect: new PostgresDialect({ pool: this.#control }) });
  }

  async transaction<Outcome>(organizationId: string, call: Call, work: Work<Outcome>): Promise<Outcome> {
    const lease = await this.#lease(call.signal);
    const ended = new AbortController();
    let cancelling: Promise<void> | undefined;
    const onAbort = (): void => {
      cancelling = cancel(lease, this.#control, ended.signal);
    };
    call.signal.addEventListener('abort', onAbort, { once: true });
    try {
      const tenant = { organizationId, key: this.key };
      return await unitOfWork(lease.database, call, tenant, work);
    } catch (error) {
      call.signal.throwIfAborted();
      throw lease.lost || saysAway(error) ? new DatabaseUnreachableError(error) : error;
    } finally {
      call.signal.removeEventListener('abort', onAbort);
      ended.abort();
      // Else it might cancel a statement of whoever has the connection next.
      await cancelling;
      void lease.giveBack();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.#control.end()]);
  }

  async #lease(signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    const connecting = this.#pool.connect().then((client) => Lease.of(client));
    try {
      return await unlessAborted(connecting, signal);
    } catch (error) {
      connecting.then(
        (lease) => lease.giveBack(),
        () => undefined,
      );
      signal.throwIfAborted();
      throw new DatabaseUnreachableError(error);
    }
  }
}
