import { connect, disconnect } from './connect.js';

/**
 * Drops the months that ended at least this number of days ago.
 *
 * @param url connection string of the owner
 * @returns the names of the dropped tables
 */
export async function pruneRecords(url: string, days: number): Promise<string[]> {
  const client = await connect(url, undefined, () => undefined);
  try {
    const { rows } = await client.query<{ name: string }>('select * from aerie_audit.prune($1) as name', [
      days,
    ]);
    return rows.map(({ name }) => name);
  } finally {
    await disconnect(client);
  }
}
