import { type Kysely, sql } from 'kysely';

import { defineOrganizationFunction } from './organization-function.js';
import { protectRows } from './protect-rows.js';

export const olderVersionsMayRun = false;

/**
 * Makes policies verify a signature of the organization. SQL could change the setting that they used before. The
 * signature covers the transaction and the organization.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`create schema aerie`.execute(database);
  await sql`create table aerie.tenant_keys (
    id text primary key,
    inner_pad bytea not null,
    outer_pad bytea not null,
    used_at timestamptz not null default now())`.execute(database);
  await sql`revoke all on aerie.tenant_keys from public`.execute(database);
  // Neither SQL nor a client can forge the start time.
  await defineOrganizationFunction(
    database,
    sql`pg_backend_pid(), (extract(epoch from now()) * 1000000)::bigint`,
  );
  for (const name of await protectedTables(database)) await protectRows(database, name);
}

/** Returns the tables whose policy still uses the setting. */
async function protectedTables(database: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct relname as name from pg_policy join pg_class on pg_class.oid = polrelid
    where polname = 'organization' and relnamespace = 'public'::regnamespace
      and pg_get_userbyid(relowner) = current_user
      and pg_get_expr(polqual, polrelid) like '%current_setting(''aerie.organization''%'`.execute(database);
  return rows.map(({ name }) => name);
}
