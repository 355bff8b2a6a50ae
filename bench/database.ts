import { rmSync } from 'node:fs';

import { PostgresServer } from '../src/database/postgres-server.js';
import { prepareServer } from '../src/database/prepare-server.js';
import { TenantKey } from '../src/database/tenant-key.js';
import { atExit } from './at-exit.js';
import { startPostgres } from '../test/support/postgres.js';
import { providePostgres } from '../test/support/servers/postgres-programs.js';

/** PostgreSQL of a benchmark, on the core of the load. */
export interface BenchDatabase {
  /** Variables of Aerie. */
  readonly environment: NodeJS.ProcessEnv;
  /** Connection string of a role that row-level security does not restrict. */
  readonly floorUrl: string;
}

const TENANT_SECRET = 's'.repeat(32);
const FILL = `insert into todos (organization_id, title, created_by)
  select 'org_1', 'Todo ' || number, 'usr_1' from generate_series(1, 20) number`;

/** Starts the PostgreSQL of the tests, with the tables of Aerie and 20 todos, until this process exits. */
export async function startDatabase(): Promise<BenchDatabase> {
  process.env['PATH'] = `${process.env['PATH']}:${providePostgres()}`;
  const server = await startPostgres();
  atExit(() => {
    void server.stop();
    rmSync(server.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
  const { name, application, owner } = await server.createDatabase();
  await server.run("create role floor login superuser password 'floor'");
  await migrate(application, owner);
  await server.run(FILL, name);
  return {
    environment: {
      DATABASE_URL: application,
      DATABASE_MIGRATION_URL: owner,
      DATABASE_TENANT_SECRET: TENANT_SECRET,
    },
    floorUrl: server.url('floor', name),
  };
}

/** Creates the tables of Aerie. */
async function migrate(application: string, owner: string): Promise<void> {
  const key = await TenantKey.fromSecret(TENANT_SECRET);
  const server = new PostgresServer(application, 1, key);
  try {
    await prepareServer(server.control, owner, key);
  } finally {
    await server.close();
  }
}
