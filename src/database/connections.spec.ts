import type { Pool } from 'pg';

import { Connections } from './connections.js';
import { Lease } from './lease.js';

/** Pool with one connection, which does not reset. */
class OnePool {
  waitingCount = 0;
  idleCount = 1;
  readonly released: boolean[] = [];
  #onError: (() => void) | undefined;
  readonly client = {
    on: (_event: string, listener: () => void): void => void (this.#onError = listener),
    off: jest.fn(),
    query: () => Promise.resolve(),
    release: (isBroken: boolean): void => void this.released.push(isBroken),
  };
  connect = jest.fn(() => Promise.resolve(this.client));
  end = jest.fn(() => Promise.resolve());

  get pooled(): Pool {
    return Object(this);
  }

  lose(): void {
    this.#onError?.();
  }
}

describe('Connections', () => {
  let pool: OnePool;
  let connections: Connections;
  beforeEach(() => {
    jest.useFakeTimers();
    pool = new OnePool();
    connections = new Connections(pool.pooled);
  });
  afterEach(() => jest.useRealTimers());

  const useOnce = async (): Promise<void> => {
    const lease = connections.takeKept() ?? (await connections.take(new AbortController().signal));
    await lease.giveBack();
  };

  it('keep a connection for the next call', async () => {
    await useOnce();
    await useOnce();
    expect(pool.connect).toHaveBeenCalledTimes(1);
    expect(pool.released).toEqual([]);
  });

  it('lend a connection to one call at a time', async () => {
    await useOnce();
    expect(connections.takeKept()).toBeInstanceOf(Lease);
    expect(connections.takeKept()).toBeUndefined();
  });

  it('release a connection for which a call waits', async () => {
    const lease = await connections.take(new AbortController().signal);
    pool.waitingCount = 1;
    await lease.giveBack();
    expect(pool.released).toEqual([false]);
    expect(connections.takeKept()).toBeUndefined();
  });

  it('release a connection that nobody has used for a while', async () => {
    await useOnce();
    jest.advanceTimersByTime(2_000);
    expect(pool.released).toEqual([false]);
    expect(connections.takeKept()).toBeUndefined();
  });

  it('close a connection that is lost while nobody uses it', async () => {
    await useOnce();
    pool.lose();
    expect(pool.released).toEqual([true]);
    expect(connections.takeKept()).toBeUndefined();
  });

  it('close a connection that is lost during a call', async () => {
    const lease = await connections.take(new AbortController().signal);
    pool.lose();
    await lease.giveBack();
    expect(pool.released).toEqual([true]);
  });

  it('reset a connection that was not reset since its last use', async () => {
    await useOnce();
    const query = jest.spyOn(pool.client, 'query');
    await useOnce();
    expect(query).toHaveBeenCalledTimes(1);
  });

  it('release all connections when they close, also those in use', async () => {
    await useOnce();
    const used = connections.takeKept();
    const other = await connections.take(new AbortController().signal);
    await other.giveBack();
    await connections.close();
    expect(pool.released).toEqual([false]);
    await used?.giveBack();
    expect(pool.released).toEqual([false, false]);
    expect(pool.end).toHaveBeenCalledTimes(1);
  });
});
