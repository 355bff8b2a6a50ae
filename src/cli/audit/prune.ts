import type { Io } from '../terminal/io.js';
import { UsageError } from '../terminal/usage-error.js';
import { databaseUrl, loadPostgres, variable } from './source.js';

/**
 * Drops the months of PostgreSQL that ended too long ago.
 *
 * @throws {UsageError} when the number of days is missing or invalid
 * @throws {Error} when the role is not the owner
 */
export async function prune(given: string | undefined, io: Io): Promise<void> {
  const text = given ?? (await variable('AUDIT_RETENTION_DAYS')) ?? '';
  // `Number` would read 1e3 as a thousand, and this deletes data.
  if (!/^[1-9]\d*$/.test(text)) {
    throw new UsageError('Set --days or AUDIT_RETENTION_DAYS to a number of days such as 365.');
  }
  const days = Number(text);
  const { pruneRecords } = await loadPostgres(() => import('../../audit/postgres/prune-records.js'));
  const dropped = await pruneRecords(await databaseUrl(), days);
  io.stdout.write(
    dropped.length === 0
      ? `No month ended ${days} days ago or earlier.\n`
      : `Dropped ${dropped.join(', ')}.\n`,
  );
}
