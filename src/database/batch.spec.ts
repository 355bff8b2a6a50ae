import type { PoolClient } from 'pg';

import { sendBatch } from './batch.js';
import { PreparedStatements } from './prepared-statements.js';

const JSON_TYPE = 114;

/** Query as pg sees it. */
interface Submitted {
  submit(connection: object): void;
  handleRowDescription(message: { fields: { name: string; dataTypeID: number }[] }): void;
  handleDataRow(message: { fields: (string | null)[] }): void;
  handleCommandComplete(): void;
  handleReadyForQuery(): void;
}

/** Client that keeps what a batch writes, and lets a test answer. */
class SilentClient {
  /** Types of the messages of each write: P(arse), B(ind), D(escribe), E(xecute), S(ync). */
  readonly written: string[] = [];
  #query: Submitted | undefined;

  get pooled(): PoolClient {
    return Object(this);
  }

  /** Called by a batch. */
  query(query: Submitted): void {
    this.#query = query;
    const write = (bytes: Buffer): void => void this.written.push(typesOf(bytes));
    query.submit({ stream: { writable: true, write } });
  }

  get answer(): Submitted {
    if (!this.#query) throw new Error('Nothing was sent.');
    return this.#query;
  }
}

/** Each message begins with its type and its length without the type. */
function typesOf(bytes: Buffer): string {
  let types = '';
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1))
    types += String.fromCharCode(bytes[at] ?? 0);
  return types;
}

describe('sendBatch', () => {
  let client: SilentClient;
  beforeEach(() => {
    client = new SilentClient();
  });

  const statements = [
    { text: 'select $1::json as value', values: ['{}'] },
    { text: 'reset all', returnsRows: false },
  ];
  const answerAll = (value: string | null, isDescribed: boolean): void => {
    const { answer } = client;
    if (isDescribed) answer.handleRowDescription({ fields: [{ name: 'value', dataTypeID: JSON_TYPE }] });
    answer.handleDataRow({ fields: [value] });
    answer.handleCommandComplete();
    answer.handleCommandComplete();
    answer.handleReadyForQuery();
  };

  it('parses and describes a prepared statement only once, and reads its rows alike', async () => {
    const prepared = new PreparedStatements();
    for (const isFirst of [true, false]) {
      const results = sendBatch(client.pooled, statements, { prepared });
      answerAll('{"is":"json"}', isFirst);
      await expect(results).resolves.toEqual([{ rows: [{ value: { is: 'json' } }] }, { rows: [] }]);
    }
    expect(client.written).toEqual(['PBDEPBES', 'BEBES']);
  });

  it('describes each result without prepared statements', async () => {
    for (const _round of [1, 2]) {
      const results = sendBatch(client.pooled, statements, {});
      answerAll(null, true);
      await expect(results).resolves.toEqual([{ rows: [{ value: null }] }, { rows: [] }]);
    }
    expect(client.written).toEqual(['PBDEPBES', 'PBDEPBES']);
  });

  it('rejects when a value cannot be converted, once all statements have run', async () => {
    const settled = jest.fn();
    const results = sendBatch(client.pooled, statements, { prepared: new PreparedStatements() });
    results.catch(settled);
    const { answer } = client;
    answer.handleRowDescription({ fields: [{ name: 'value', dataTypeID: JSON_TYPE }] });
    answer.handleDataRow({ fields: ['{'] });
    answer.handleDataRow({ fields: ['{}'] });
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    answer.handleCommandComplete();
    answer.handleCommandComplete();
    answer.handleReadyForQuery();
    await expect(results).rejects.toThrow(SyntaxError);
  });
});
