import { CompiledQuery } from 'kysely';
import type { PoolClient } from 'pg';

import { Lease } from './lease.js';
import type { Entry } from './tenant-key.js';

/** Query as pg sees it. */
interface Submitted {
  submit(connection: object): void;
  handleRowDescription(message: { fields: { name: string; dataTypeID: number }[] }): void;
  handleDataRow(message: { fields: string[] }): void;
  handleCommandComplete(): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
}

/** Client that answers the first batch, and fails the second one. */
class FailingClient {
  readonly texts: string[] = [];
  readonly on = jest.fn();
  readonly off = jest.fn();
  readonly release = jest.fn();
  #batches = 0;

  get pooled(): PoolClient {
    return Object(this);
  }

  query(query: Submitted | string): Promise<void> | undefined {
    if (typeof query === 'string') {
      this.texts.push(query);
      return Promise.resolve();
    }
    query.submit({ stream: { writable: false } });
    if (this.#batches++ > 0) query.handleError(new Error('failed'));
    else {
      query.handleRowDescription({ fields: [{ name: 'processId', dataTypeID: 25 }] });
      query.handleDataRow({ fields: ['1'] });
      for (let statement = 0; statement < 5; statement++) query.handleCommandComplete();
      query.handleReadyForQuery();
    }
    return undefined;
  }
}

describe('Lease', () => {
  const entry: Entry = { minute: 0, values: ['organization', 'signature', '1000'] };
  const query = CompiledQuery.raw('select pg_advisory_lock(1)');

  it('resets the connection when a read fails after one that succeeded', async () => {
    const client = new FailingClient();
    const lease = new Lease(client.pooled);
    await lease.read(entry, query);
    await expect(lease.read(entry, query)).rejects.toThrow('failed');
    await lease.giveBack();
    expect(client.texts).toEqual([expect.stringContaining('pg_advisory_unlock_all')]);
    expect(client.release).toHaveBeenCalledWith(false);
  });

  it('resets the connection only once when a read succeeds', async () => {
    const client = new FailingClient();
    const lease = new Lease(client.pooled);
    await lease.read(entry, query);
    await lease.giveBack();
    expect(client.texts).toEqual([]);
  });
});
