import { type Kysely, type RawBuilder, sql } from 'kysely';

/**
 * Defines `aerie.organization()`, which policies call: the organization of the transaction if its signature is valid,
 * otherwise null. The signature is an HMAC-SHA256 (RFC 2104); see `TenantKey`.
 *
 * @param moment SQL expression that binds the signature to a time, so that it cannot be used later
 */
export async function defineOrganizationFunction(
  database: Kysely<unknown>,
  moment: RawBuilder<unknown>,
): Promise<void> {
  // One expression for speed: every statement evaluates it.
  await sql`create or replace function aerie.organization() returns text
    language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp as $$
    begin
      return (
        select current_setting('aerie.organization') from aerie.tenant_keys
        where current_setting('aerie.organization', true) <> ''
          and current_setting('aerie.signature', true) = encode(
            sha256(outer_pad || sha256(inner_pad || convert_to(concat_ws(' ',
              ${moment}, current_setting('aerie.organization')
            ), 'UTF8'))), 'hex')
      );
    end $$`.execute(database);
}
