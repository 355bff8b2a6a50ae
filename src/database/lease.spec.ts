import { EventEmitter } from 'node:events';

import { CompiledQuery } from 'kysely';
import type { PoolClient } from 'pg';

import { Lease } from './lease.js';
import { compiled } from './read.js';
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

const EXECUTE = 'E'.charCodeAt(0);

/** Client that answers the first batch, and fails the second one. */
class FailingClient {
  readonly texts: string[] = [];
  /** Number of statements in the batches. */
  executed = 0;
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
    const write = (bytes: Buffer): void => {
      // Each message begins with its type and its length without the type.
      for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1))
        if (bytes[at] === EXECUTE) this.executed++;
    };
    query.submit({ stream: { writable: true, write } });
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

  it.each([
    [
      'no reset after a query without functions',
      compiled((tables) => tables.selectFrom('todos').select('id')),
      2,
    ],
    ['a reset after other queries', query, 5],
  ])('sends %s', async (_what, sent, statements) => {
    const client = new FailingClient();
    await new Lease(client.pooled).read(entry, sent);
    expect(client.executed).toBe(statements);
  });

  it('closes a connection whose reset is not answered in time', async () => {
    const destroy = jest.fn();
    const client = Object.assign(new FailingClient(), {
      query: () => new Promise(() => undefined),
      connection: { stream: { destroy } },
    });
    jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    await new Lease(client.pooled).giveBack();
    expect(destroy).toHaveBeenCalledTimes(1);
    expect(client.release).toHaveBeenCalledWith(true);
  });

  it('resets the connection only once when a read succeeds', async () => {
    const client = new FailingClient();
    const lease = new Lease(client.pooled);
    await lease.read(entry, query);
    await lease.giveBack();
    expect(client.texts).toEqual([]);
  });

  describe('that is lost while it commits', () => {
    const release = jest.fn();
    const lost = (answer?: string): Lease => {
      const connection = Object.assign(new EventEmitter(), {
        stream: { cork: jest.fn(), uncork: jest.fn() },
        parse: jest.fn(),
        bind: jest.fn(),
        execute: jest.fn(),
      });
      const answerTo = (): Promise<never> => {
        if (answer !== undefined) connection.emit('commandComplete', { text: answer });
        return Promise.reject(new Error('lost'));
      };
      const client: PoolClient = Object({
        on: jest.fn(),
        off: jest.fn(),
        release,
        connection,
        query: answerTo,
      });
      return new Lease(client);
    };
    const commit = ({ database }: Lease): Promise<string> =>
      database.transaction().execute(() => Promise.resolve('done'));

    it.each([
      ['does not know the outcome without an answer of the server', undefined, new Error('lost')],
      ['knows the outcome if the server has rolled back', 'ROLLBACK', undefined],
    ])('%s', async (_what, answer, unknown) => {
      const lease = lost(answer);
      await expect(commit(lease)).rejects.toThrow('lost');
      expect(lease.lostCommit).toEqual(unknown);
    });

    it('succeeds if the server has confirmed the commit', async () => {
      const lease = lost('COMMIT');
      expect(await commit(lease)).toBe('done');
      expect(lease.lostCommit).toBeUndefined();
      await lease.giveBack();
      expect(release).toHaveBeenCalledWith(true);
    });
  });
});
