import type { Io } from '../terminal/io.js';
import { databaseUrl, loadPostgres, variable } from './source.js';

/**
 * Drops the months of PostgreSQL that ended too long ago.
 *
 * @throws {Error} when the number of days is missing or invalid, or the role is not the owner
 */
export async function prune(given: string | undefined, io: Io): Promise<void> {
  const days = Number(given ?? (await variable('AUDIT_RETENTION_DAYS')));
  if (!Number.isInteger(days) || days < 1) {
    throw new Error('Set --days or AUDIT_RETENTION_DAYS to a number of days such as 365.');
  }
  const { pruneRecords } = await loadPostgres(() => import('../../audit/postgres/prune-records.js'));
  const dropped = await pruneRecords(await databaseUrl(), days);
  io.stdout.write(
    dropped.length === 0
      ? `No month ended ${days} days ago or earlier.\n`
      : `Dropped ${dropped.join(', ')}.\n`,
  );
}
