import { type Kysely, sql } from 'kysely';

import { defineOrganizationFunction } from './organization-function.js';

export const olderVersionsMayRun = false;

/**
 * Verifies signatures of the minute in which the transaction began, instead of the transaction itself. The application
 * knows the minute in advance, which saves a query. See `TenantKey`.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  // SQL cannot forge the start time.
  await defineOrganizationFunction(database, sql`floor(date_part('epoch', now()) / 60)::int`);
}
