import { type Kysely, sql } from 'kysely';

import { protectRows } from './protect-rows.js';

/**
 * Makes policies verify a signature of the organization. SQL could change the setting that they used before. The
 * signature is an HMAC-SHA256 (RFC 2104) of the transaction and the organization; see `TenantKey`.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`create schema aerie`.execute(database);
  await sql`create table aerie.tenant_keys (
    id text primary key,
    inner_pad bytea not null,
    outer_pad bytea not null,
    used_at timestamptz not null default now())`.execute(database);
  await sql`revoke all on aerie.tenant_keys from public`.execute(database);
  // One expression for speed: every statement evaluates it. Neither SQL nor a client can forge the start time.
  await sql`create function aerie.organization() returns text
    language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp as $$
    begin
      return (
        select current_setting('aerie.organization') from aerie.tenant_keys
        where current_setting('aerie.organization', true) <> ''
          and current_setting('aerie.signature', true) = encode(
            sha256(outer_pad || sha256(inner_pad || convert_to(concat_ws(' ',
              pg_backend_pid(), (extract(epoch from now()) * 1000000)::bigint, current_setting('aerie.organization')
            ), 'UTF8'))), 'hex')
      );
    end $$`.execute(database);
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
