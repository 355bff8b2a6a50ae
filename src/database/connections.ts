import type { Pool } from 'pg';

import { type Keeper, Lease } from './lease.js';
import { unlessAborted } from './unless-aborted.js';
import { DatabaseUnavailableError } from './unavailable.js';

/** Time after which an unused connection goes back to the pool, which closes it later. */
const KEPT_MS = 1_000;
const SWEEP_INTERVAL_MS = 1_000;

/**
 * Leases the connections of a pool. Keeps those that are used all the time, because the pool starts and stops two timers
 * for each use, and needs a promise and a tick.
 */
export class Connections implements Keeper {
  /** Connections that nobody uses, the most recently used one last. */
  readonly #kept: { readonly lease: Lease; readonly since: number }[] = [];
  #sweep: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(private readonly pool: Pool) {}

  /** Number of calls that wait for a connection. */
  get waiting(): number {
    return this.pool.waitingCount;
  }

  /** Returns a kept connection; undefined if there is none. */
  takeKept(): Lease | undefined {
    return this.#kept.pop()?.lease;
  }

  /**
   * Leases a connection of the pool.
   *
   * @throws {DatabaseUnavailableError} when the pool has none in time
   * @throws the reason of the signal once it has fired
   */
  async take(signal: AbortSignal): Promise<Lease> {
    const hasIdle = this.pool.idleCount > this.pool.waitingCount;
    const connecting = this.pool.connect().then((client) => new Lease(client, this));
    try {
      // The pool leases an idle connection in this tick, so there is nothing to wait for.
      return await (hasIdle ? connecting : unlessAborted(connecting, signal));
    } catch (error) {
      connecting.then(
        (lease) => lease.giveBack(),
        () => undefined,
      );
      signal.throwIfAborted();
      throw new DatabaseUnavailableError(error);
    }
  }

  /**
   * Keeps a connection that was reset, unless a call waits for one of the pool.
   *
   * @returns whether it is kept
   */
  keep(lease: Lease): boolean {
    if (this.#isClosing || this.pool.waitingCount > 0) return false;
    this.#kept.push({ lease, since: performance.now() });
    this.#sweep ??= setTimeout(() => this.#releaseUnused(), SWEEP_INTERVAL_MS).unref();
    return true;
  }

  /** Stops keeping a connection that is lost. */
  forget(lease: Lease): void {
    const index = this.#kept.findIndex((kept) => kept.lease === lease);
    if (index === -1) return;
    this.#kept.splice(index, 1);
    lease.release();
  }

  /** Closes all connections once their transactions have ended. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#sweep);
    for (const { lease } of this.#kept.splice(0)) lease.release();
    await this.pool.end();
  }

  #releaseUnused(): void {
    this.#sweep = undefined;
    const last = performance.now() - KEPT_MS;
    const unused = this.#kept.findIndex(({ since }) => since > last);
    for (const { lease } of this.#kept.splice(0, unused === -1 ? this.#kept.length : unused)) lease.release();
    if (this.#kept.length > 0) {
      this.#sweep = setTimeout(() => this.#releaseUnused(), SWEEP_INTERVAL_MS).unref();
    }
  }
}
