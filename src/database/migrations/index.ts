import type { Migration } from 'kysely/migration';

import * as todos from './0001-todos.js';
import * as signedOrganization from './0002-signed-organization.js';
import * as signaturePerMinute from './0003-signature-per-minute.js';
import * as fasterSignatureCheck from './0004-faster-signature-check.js';
import * as olderVersions from './0005-older-versions.js';
import * as idempotentCalls from './0006-idempotent-calls.js';

/** Migration of the schema, forward only. */
export interface SchemaMigration extends Migration {
  /**
   * Whether versions that do not know this migration may run on its schema, such as the old instances during a rolling
   * upgrade, or all instances after a downgrade. Otherwise they refuse to start.
   */
  readonly olderVersionsMayRun: boolean;
}

/** All migrations, in the order of their names. There are no down migrations. Never change a released migration. */
export const MIGRATIONS: Readonly<Record<string, SchemaMigration>> = {
  '0001-todos': todos,
  '0002-signed-organization': signedOrganization,
  '0003-signature-per-minute': signaturePerMinute,
  '0004-faster-signature-check': fasterSignatureCheck,
  '0005-older-versions': olderVersions,
  '0006-idempotent-calls': idempotentCalls,
};
