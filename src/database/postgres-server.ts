import { setTimeout as pause } from 'node:timers/promises';

import { Logger } from '@nestjs/common';
import { Kysely, PostgresDialect } from 'kysely';
import type { Pool } from 'pg';

import { asStep } from '../logging/steps.js';
import { messageOf } from '../values/trace-of.js';
import { cancel } from './cancellation.js';
import { Connections } from './connections.js';
import type { DatabaseServer } from './database-server.js';
import type { Lease } from './lease.js';
import { openPool } from './open-pool.js';
import { queryEnded } from './query-steps.js';
import { compiled, readingError, type ReadQuery } from './read.js';
import type { Entered, Probed, TenantKey } from './tenant-key.js';
import { DatabaseUnavailableError, OutcomeUnknownError, troubleOf } from './unavailable.js';
import { type OwningCall, timeoutOf, unitOfWork, type TransactionWork } from './unit-of-work.js';

/** Additional connections for canceling statements and for health checks. */
const CONTROL_CONNECTIONS = 2;
const CONTROL_TIMEOUT_MS = 5_000;
const RETIRE_INTERVAL_MS = 50;
/**
 * Minimum age of connections that are replaced because the server accepts no changes. Doubles with each replacement: it
 * may accept none for hours.
 */
const MIN_AGE_MS = 5_000;
const MAX_AGE_MS = 300_000;

/** Connections to the server that the host name led to when they were opened. */
interface Pools {
  readonly connections: Connections;
  /** Cancels statements of the connections, and checks the server. */
  readonly control: Pool;
  readonly since: number;
}

/** PostgreSQL on a server, reached through a pool of connections. */
export class PostgresServer implements DatabaseServer {
  readonly #open: () => Pools;
  #pools: Pools;
  #minAge = MIN_AGE_MS;
  /** Ends when the previous connections are closed. */
  #retiring: Promise<void> | undefined;
  #isClosing = false;

  /**
   * @param url connection string with the role of all queries
   * @param key signs the organization of each transaction
   */
  constructor(
    url: string,
    poolSize: number,
    readonly key: TenantKey,
  ) {
    this.#open = () => ({
      connections: new Connections(openPool(url, poolSize)),
      control: openPool(url, CONTROL_CONNECTIONS, CONTROL_TIMEOUT_MS),
      since: performance.now(),
    });
    this.#pools = this.#open();
  }

  /**
   * Returns whether the server accepts the key. Without it, queries see no rows and do not fail. A connection without an
   * answer is not used again.
   */
  look(): Promise<boolean> {
    return this.key.isAccepted((text, values) => this.#pools.control.query<Probed>(text, values));
  }

  /** Number of calls that wait for a connection. */
  get waiting(): number {
    return this.#pools.connections.waiting;
  }

  /** Database access outside any organization, to inspect roles and tables. */
  get control(): Kysely<unknown> {
    return new Kysely({ dialect: new PostgresDialect({ pool: this.#pools.control }) });
  }

  transaction<Outcome>(
    organizationId: string,
    call: OwningCall,
    work: TransactionWork<Outcome>,
  ): Promise<Outcome> {
    return this.#onLease(call, (lease) => {
      const onBegin = (entered: Entered | undefined): void => {
        lease.running = entered;
      };
      return unitOfWork(lease.database, call, { organizationId, key: this.key, onBegin }, work);
    });
  }

  /** Runs one query in one round trip: see {@link Lease.read}. Two if the signature's minute has passed. */
  read<Row, Values extends object>(
    organizationId: string,
    call: OwningCall,
    build: ReadQuery<Row, Values>,
    values?: Values,
  ): Promise<Row[]> {
    const query = compiled(build, values);
    return this.#onLease(call, async (lease) => {
      const started = performance.now();
      let failure: unknown;
      try {
        for (;;) {
          call.signal.throwIfAborted();
          const entry = this.key.entry(organizationId, timeoutOf(call.deadline));
          const { entered, rows } = await lease.read(entry, query);
          if (this.key.isLate(entry, entered)) continue;
          return rows;
        }
      } catch (error) {
        failure = error;
        throw readingError(error);
      } finally {
        queryEnded(query.query, performance.now() - started, failure);
      }
    });
  }

  /** Runs work on a connection of its own. Cancels its statement when the signal fires. */
  async #onLease<Outcome>(
    { signal }: OwningCall,
    work: (lease: Lease) => Promise<Outcome>,
  ): Promise<Outcome> {
    signal.throwIfAborted();
    const { connections, control } = this.#pools;
    const lease =
      connections.takeKept() ?? (await asStep('connect', () => connections.take(signal), 'postgresql'));
    let cancelling: { ended: AbortController; done: Promise<void> } | undefined;
    const onAbort = (): void => {
      const ended = new AbortController();
      cancelling = { ended, done: cancel(lease, control, ended.signal) };
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await work(lease);
    } catch (error) {
      if (troubleOf(error) === 'read_only') this.#connectAgain();
      signal.throwIfAborted();
      if (lease.lostCommit !== undefined) throw new OutcomeUnknownError(lease.lostCommit);
      throw lease.lost || troubleOf(error) ? new DatabaseUnavailableError(error) : error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (cancelling) {
        cancelling.ended.abort();
        // Otherwise, the cancellation could hit a statement of the next user of this connection.
        await cancelling.done;
      }
      void lease.giveBack();
    }
  }

  /**
   * Opens all connections again: after a failover, the host name may lead to another server. Does nothing while
   * transactions keep the previous connections open, so that these do not pile up.
   */
  #connectAgain(): void {
    const previous = this.#pools;
    const age = performance.now() - previous.since;
    if (this.#isClosing || this.#retiring || age < this.#minAge) return;
    // Connections that are much older have worked in between.
    this.#minAge = age > 2 * MAX_AGE_MS ? MIN_AGE_MS : Math.min(this.#minAge * 2, MAX_AGE_MS);
    this.#pools = this.#open();
    this.#retiring = retire(previous)
      .catch((error: unknown) => {
        new Logger('Database').warn(`The previous connections could not be closed: ${messageOf(error)}`);
      })
      .finally(() => (this.#retiring = undefined));
  }

  /** Closes all connections once running transactions have ended. They may still be canceled until then. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([close(this.#pools), this.#retiring]);
  }

  /** Closes like {@link close}, once the calls that wait for a connection have had theirs. */
  async retire(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([retire(this.#pools), this.#retiring]);
  }
}

async function close({ connections, control }: Pools): Promise<void> {
  await connections.close();
  await control.end();
}

async function retire(pools: Pools): Promise<void> {
  while (pools.connections.waiting > 0) await pause(RETIRE_INTERVAL_MS);
  await close(pools);
}
