import { rmSync } from 'node:fs';

import { startPostgres } from '../test/support/postgres.js';
import { providePostgres } from '../test/support/servers/postgres-programs.js';

/** PostgreSQL of a benchmark, on the core of the load. */
export interface BenchDatabase {
  /** Variables of Aerie. */
  readonly environment: NodeJS.ProcessEnv;
  /** Connection string of a role that row-level security does not restrict. */
  readonly floorUrl: string;
  stop(): void;
}

/** Starts the PostgreSQL of the tests. Aerie creates and the first query fills the table. */
export async function startDatabase(): Promise<BenchDatabase> {
  process.env['PATH'] = `${process.env['PATH']}:${providePostgres()}`;
  const server = await startPostgres();
  const { name, application, owner } = await server.createDatabase();
  await server.run("create role floor login superuser password 'floor'");
  return {
    environment: {
      DATABASE_URL: application,
      DATABASE_MIGRATION_URL: owner,
      DATABASE_TENANT_SECRET: 's'.repeat(32),
    },
    floorUrl: server.url('floor', name),
    stop: () => {
      void server.stop();
      rmSync(server.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}
