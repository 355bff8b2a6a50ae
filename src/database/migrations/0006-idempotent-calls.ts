import { type Kysely, sql } from 'kysely';

import { protectRows } from './protect-rows.js';

export const olderVersionsMayRun = true;

/** Stores the outcomes of calls with an idempotency key; see `once`. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('idempotent_calls')
    .addColumn('organization_id', 'text', (column) => column.notNull())
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('outcome', 'json')
    .addColumn('created_at', sql`timestamptz(3)`, (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('idempotent_calls_pkey', ['organization_id', 'caller', 'key'])
    .execute();
  await database.schema
    .createIndex('idempotent_calls_oldest_first')
    .on('idempotent_calls')
    .columns(['organization_id', 'created_at'])
    .execute();
  await protectRows(database, 'idempotent_calls');
}
