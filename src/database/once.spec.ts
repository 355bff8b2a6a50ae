import { Kysely, PostgresDialect } from 'kysely';

import { once } from './once.js';
import type { Tables } from './tables.js';

it('runs the work if another call deletes the old row between the insertion and the query', async () => {
  const texts: string[] = [];
  const answers = [[], [], [{ key: 'k' }]]; // the row exists, is gone, and is inserted
  const client = {
    query: (text: string) => {
      texts.push(text.split(' ')[0] ?? '');
      return Promise.resolve({ command: 'SELECT', rowCount: 0, rows: answers.shift() ?? [] });
    },
    release: () => {},
  };
  const pool = { connect: () => Promise.resolve(client), end: () => Promise.resolve() };
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: Object(pool) }) });
  const work = once({ caller: 'c', key: 'k', request: {} }, () => Promise.resolve('done'));
  expect(await work(database)).toBe('done');
  expect(texts).toEqual(['insert', 'select', 'insert', 'update', 'delete']);
});
