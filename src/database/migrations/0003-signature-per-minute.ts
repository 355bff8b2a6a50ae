import { type Kysely, sql } from 'kysely';

/**
 * Verifies signatures of the minute in which the transaction began, instead of the transaction itself. The application
 * knows the minute in advance, which saves a query. See `TenantKey`.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  // One expression for speed: every statement evaluates it. SQL cannot forge the start time.
  await sql`create or replace function aerie.organization() returns text
    language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp as $$
    begin
      return (
        select current_setting('aerie.organization') from aerie.tenant_keys
        where current_setting('aerie.organization', true) <> ''
          and current_setting('aerie.signature', true) = encode(
            sha256(outer_pad || sha256(inner_pad || convert_to(concat_ws(' ',
              floor(date_part('epoch', now()) / 60)::int, current_setting('aerie.organization')
            ), 'UTF8'))), 'hex')
      );
    end $$`.execute(database);
}
