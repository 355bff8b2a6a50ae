import { sql } from 'kysely';

import { isPlainQuery } from './plain-query.js';
import { compiled, type ReadQuery } from './read.js';

const isPlain = (build: ReadQuery<unknown>): boolean => isPlainQuery(compiled(build).query);

describe('isPlainQuery', () => {
  it.each<[string, ReadQuery<unknown>]>([
    ['columns', (tables) => tables.selectFrom('todos').select(['id', 'title as name'])],
    ['all columns', (tables) => tables.selectFrom('todos as t').selectAll('t')],
    [
      'conditions, an order and a page',
      (tables) =>
        tables
          .selectFrom('todos')
          .select('id')
          .where('completed_at', 'is', null)
          .where((todo) => todo.or([todo('title', 'like', 'a%'), todo('id', 'in', ['1', '2'])]))
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .limit(1)
          .offset(1),
    ],
    [
      'a join and a subquery',
      (tables) =>
        tables
          .selectFrom('todos')
          .innerJoin('idempotent_calls as call', 'call.caller', 'todos.created_by')
          .select('todos.id')
          .where('todos.id', 'in', tables.selectFrom('todos').select('id')),
    ],
    [
      'a value with the members of a node',
      (tables) =>
        tables
          .selectFrom('todos')
          .select('id')
          .where('title', '=', Object({ kind: 'RawNode' })),
    ],
  ])('accepts %s', (_what, build) => {
    expect(isPlain(build)).toBe(true);
  });

  const lock = sql<string>`pg_advisory_lock(1)`;
  it.each<[string, ReadQuery<unknown>]>([
    ['raw SQL as a column', (tables) => tables.selectFrom('todos').select(lock.as('lock'))],
    ['raw SQL as a table', (tables) => tables.selectFrom(sql<{ x: 1 }>`(select 1 as x)`.as('t')).select('x')],
    ['raw SQL in a condition', (tables) => tables.selectFrom('todos').select('id').where('title', '=', lock)],
    ['raw SQL as an order', (tables) => tables.selectFrom('todos').select('id').orderBy(lock, 'asc')],
    [
      'raw SQL as a direction',
      (tables) =>
        tables
          .selectFrom('todos')
          .select('id')
          .orderBy('id', sql`desc, ${lock}`),
    ],
    [
      'raw SQL as a limit',
      (tables) =>
        tables
          .selectFrom('todos')
          .select('id')
          .limit(sql<number>`length(${lock})`),
    ],
    ['raw SQL at the end', (tables) => tables.selectFrom('todos').select('id').modifyEnd(lock)],
    [
      'raw SQL in a list',
      (tables) => tables.selectFrom('todos').select('id').where('title', 'in', [lock, 'a']),
    ],
    [
      'raw SQL in a subquery',
      (tables) =>
        tables
          .selectFrom('todos')
          .select('id')
          .where('title', 'in', tables.selectFrom('todos').select(lock.as('lock'))),
    ],
    [
      'a function',
      (tables) =>
        tables.selectFrom('todos').select((row) => row.fn('pg_advisory_lock', [row.val(1)]).as('lock')),
    ],
    ['an aggregate', (tables) => tables.selectFrom('todos').select(({ fn }) => fn.agg('lock').as('lock'))],
    ['a literal', (tables) => tables.selectFrom('todos').select('id').where('title', '=', sql.lit('a'))],
    ['a row lock', (tables) => tables.selectFrom('todos').select('id').forUpdate()],
  ])('rejects %s', (_what, build) => {
    expect(isPlain(build)).toBe(false);
  });
});
