import { type Kysely, sql } from 'kysely';

export const olderVersionsMayRun = true;

/** Minute in which the transaction began. Neither SQL nor a client can forge it. */
const MINUTE = sql.raw(`
  pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.now()) operator(pg_catalog./) 60)::pg_catalog.int4`);

/**
 * Speeds up the settings of a transaction and the verification of its signature. See `TenantKey`.
 *
 * Every name has its schema, so that the functions need no `search_path` of their own. Setting and resetting it would
 * take twice as long as the verification.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`create or replace function aerie.organization() returns text
    language plpgsql stable parallel restricted security definer as $$
    begin
      return (
        select pg_catalog.current_setting('aerie.organization') from aerie.tenant_keys
        where pg_catalog.current_setting('aerie.organization', true) operator(pg_catalog.<>) ''
          and pg_catalog.current_setting('aerie.signature', true) operator(pg_catalog.=) pg_catalog.encode(
            pg_catalog.sha256(outer_pad operator(pg_catalog.||) pg_catalog.sha256(
              inner_pad operator(pg_catalog.||) pg_catalog.convert_to(pg_catalog.concat_ws(' ',
                ${MINUTE}, pg_catalog.current_setting('aerie.organization')
              ), 'UTF8'))), 'hex')
      );
    end $$`.execute(database);
  // One expression instead of several statements for speed. No setting is null.
  await sql`create function aerie.enter(organization text, signature text, time_left text) returns int
    language plpgsql as $$
    begin
      return ${MINUTE} operator(pg_catalog.+) pg_catalog.num_nulls(
        pg_catalog.set_config('aerie.organization', organization, true),
        pg_catalog.set_config('aerie.signature', signature, true),
        pg_catalog.set_config('search_path', 'public, pg_temp', true),
        pg_catalog.set_config('statement_timeout', time_left, true),
        pg_catalog.set_config('idle_in_transaction_session_timeout', time_left, true)
      );
    end $$`.execute(database);
}
