import { Injectable, Module } from '@nestjs/common';
import { type SqlBool, sql } from 'kysely';
import { z } from 'zod';

import { OrganizationDatabase, type OrganizationTransaction } from '../../src/database/index.js';
import { CallContext, McpTool } from '../../src/mcp/index.js';

const everything = sql<SqlBool>`true`;

/** Changes a setting of the transaction, like injected SQL. */
const set = (todos: OrganizationTransaction, name: string, value: string): Query =>
  todos
    .with('changed', () => sql<{ done: string }>`(select set_config(${name}, ${value}, true) as done)`)
    .selectFrom('changed')
    .selectAll();

const inTurn = (...queries: readonly Query[]): Query => ({
  execute: async () => {
    const results: unknown[] = [];
    for (const query of queries) results.push(await query.execute());
    return results.at(-1);
  },
});

interface Query {
  execute(): Promise<unknown>;
}

/** Queries that ignore other organizations, or try to reach their rows. */
const FAULTY_QUERIES: Readonly<
  Record<string, (transaction: OrganizationTransaction, foreign: Foreign) => Query>
> = {
  'select without where': (todos) => todos.selectFrom('todos').selectAll(),
  'select that names another organization': (todos, { organization }) =>
    todos.selectFrom('todos').selectAll().where('organization_id', '=', organization),
  'select by an id of another organization': (todos, { id }) =>
    todos.selectFrom('todos').selectAll().where('id', '=', id),
  'select with a condition that is always true': (todos) =>
    todos
      .selectFrom('todos')
      .selectAll()
      .where((row) => row.or([row('title', '=', 'x'), everything])),
  'join with itself': (todos) =>
    todos
      .selectFrom('todos as a')
      .innerJoin('todos as b', (on) => on.on(everything))
      .selectAll('b'),
  count: (todos) => todos.selectFrom('todos').select((row) => row.fn.countAll().as('count')),
  'update without where': (todos) => todos.updateTable('todos').set({ title: 'stolen' }).returningAll(),
  'update by an id of another organization': (todos, { id }) =>
    todos.updateTable('todos').set({ title: 'stolen' }).where('id', '=', id).returningAll(),
  'update that gives a row away': (todos, { organization }) =>
    todos.updateTable('todos').set({ organization_id: organization }).returningAll(),
  'insert for another organization': (todos, { organization }) =>
    todos.insertInto('todos').values({ organization_id: organization, title: 'planted', created_by: 'x' }),
  'insert that overwrites': (todos, { organization, id }) =>
    todos
      .insertInto('todos')
      .values({ organization_id: organization, id, title: 'planted', created_by: 'x' })
      .onConflict((conflict) => conflict.columns(['organization_id', 'id']).doUpdateSet({ title: 'stolen' }))
      .returningAll(),
  'delete by an id of another organization': (todos, { id }) =>
    todos.deleteFrom('todos').where('id', '=', id).returningAll(),
  'several statements in one': (todos, { organization }) =>
    todos
      .selectFrom('todos')
      .selectAll()
      .where(sql<SqlBool>`true; select set_config('aerie.organization', ${sql.lit(organization)}, false)`),
  'a changed organization, in the same statement': (todos, { organization }) =>
    todos
      .with(
        (cte) => cte('changed').materialized(),
        () => sql<{ done: string }>`(select set_config('aerie.organization', ${organization}, true) as done)`,
      )
      .selectFrom('changed')
      .innerJoin('todos', (on) => on.on('changed.done', 'is not', null))
      .selectAll(),
  'a changed organization, in the statement before': (todos, { organization }) =>
    inTurn(set(todos, 'aerie.organization', organization), todos.selectFrom('todos').selectAll()),
  'a changed organization and a guessed signature': (todos, { organization }) =>
    inTurn(
      set(todos, 'aerie.organization', organization),
      set(todos, 'aerie.signature', '0'.repeat(64)),
      todos.selectFrom('todos').selectAll(),
    ),
  'a changed organization and no signature': (todos, { organization }) =>
    inTurn(
      set(todos, 'aerie.organization', organization),
      set(todos, 'aerie.signature', ''),
      todos.selectFrom('todos').selectAll(),
    ),
  'a changed organization and another role': (todos, { organization }) =>
    inTurn(
      set(todos, 'aerie.organization', organization),
      set(todos, 'role', 'none'),
      todos.selectFrom('todos').selectAll(),
    ),
  'a changed organization and search path': (todos, { organization }) =>
    inTurn(
      set(todos, 'aerie.organization', organization),
      set(todos, 'search_path', 'pg_temp, public, pg_catalog'),
      todos.selectFrom('todos').selectAll(),
    ),
  'a query within a query, after a changed organization': (todos, { organization }) =>
    todos
      .with(
        (cte) => cte('changed').materialized(),
        () => sql<{ done: string }>`(select set_config('aerie.organization', ${organization}, true) as done)`,
      )
      .selectFrom('changed')
      .select(
        sql`query_to_xml('select * from public.todos where ' || quote_literal(done) || ' <> $$$$', true, true, '')::text`.as(
          'rows',
        ),
      ),
  'the statements of other sessions': (todos) =>
    todos
      .with('activity', () => sql<{ query: string }>`(select query from pg_stat_activity)`)
      .selectFrom('activity')
      .selectAll(),
  'an insert with a changed organization': (todos, { organization }) =>
    inTurn(
      set(todos, 'aerie.organization', organization),
      todos.insertInto('todos').values({ title: 'planted', created_by: 'x' }),
    ),
  'the keys of signatures': (todos) =>
    todos
      .with('keys', () => sql<{ id: string }>`(select id from aerie.tenant_keys)`)
      .selectFrom('keys')
      .selectAll(),
  'delete without where': (todos) => todos.deleteFrom('todos').returningAll(),
};
export const FAULTY_QUERY_NAMES = Object.keys(FAULTY_QUERIES);

interface Foreign {
  readonly organization: string;
  readonly id: string;
}

const faulty = z.object({
  query: z.enum(FAULTY_QUERY_NAMES),
  organization: z.string(),
  id: z.uuid(),
});

@Injectable()
class FaultyTools {
  constructor(private readonly database: OrganizationDatabase) {}

  @McpTool({ name: 'faulty', scopes: 'authenticated', description: 'Runs a faulty query.', input: faulty })
  async run({ query, ...foreign }: z.output<typeof faulty>, call: CallContext): Promise<object> {
    const rows = await this.database.transaction(call, (transaction) =>
      (FAULTY_QUERIES[query] as (typeof FAULTY_QUERIES)[string])(transaction, foreign).execute(),
    );
    return { rows };
  }
}

@Module({ providers: [FaultyTools] })
export class FaultyToolsModule {}
