import { existsSync, rmSync } from 'node:fs';

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

const MAX_REMOVAL_MS = 5_000;
const REMOVAL_INTERVAL_MS = 50;
const TENANT_SECRET = 's'.repeat(32);
const FILL = `insert into todos (organization_id, title, created_by)
  select 'org_1', 'Todo ' || number, 'usr_1' from generate_series(1, 20) number`;

/** Starts the PostgreSQL of the tests, with the tables of Aerie and 20 todos, until this process exits. */
export async function startDatabase(): Promise<BenchDatabase> {
  process.env['PATH'] = `${process.env['PATH']}:${providePostgres()}`;
  const server = await startPostgres();
  atExit(() => {
    void server.stop();
    removeUntilGone(server.folder);
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

/** Removes a folder into which a program that is ending may still write. */
function removeUntilGone(folder: string): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (const end = performance.now() + MAX_REMOVAL_MS; existsSync(folder) && performance.now() < end;) {
    Atomics.wait(sleeper, 0, 0, REMOVAL_INTERVAL_MS); // nothing asynchronous runs while a process exits
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
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
