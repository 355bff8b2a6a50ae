import type { Migration } from 'kysely/migration';

import * as todos from './0001-todos.js';
import * as signedOrganization from './0002-signed-organization.js';
import * as signaturePerMinute from './0003-signature-per-minute.js';
import * as fasterSignatureCheck from './0004-faster-signature-check.js';

/** All migrations, in the order of their names. There are no down migrations. Never change a released migration. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-todos': todos,
  '0002-signed-organization': signedOrganization,
  '0003-signature-per-minute': signaturePerMinute,
  '0004-faster-signature-check': fasterSignatureCheck,
};
