import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Client, Pool } from 'pg';

import { blocksOf } from '../scripts/documentation/blocks.js';
import { protectRows } from '../src/database/migrations/protect-rows.js';
import { PostgresServer as DatabaseServer } from '../src/database/postgres-server.js';
import { prepareServer } from '../src/database/prepare-server.js';
import { TenantKey } from '../src/database/tenant-key.js';
import type { OwningCall } from '../src/database/unit-of-work.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';

const KEY = TenantKey.random();
const call = (): OwningCall => ({
  signal: new AbortController().signal,
  deadline: performance.now() + 60_000,
});
const [, , , backupRole = '', asSuperuser = '', asOwner = ''] = blocksOf('docs/database.md').flatMap(
  ({ language, code }) => (language === 'sql' ? [code] : []),
);

describe('rows of all organizations', () => {
  let postgres: PostgresServer;
  let database: Awaited<ReturnType<PostgresServer['createDatabase']>>;
  let server: DatabaseServer;
  let owner: Kysely<unknown>;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.remove());
  beforeEach(async () => {
    database = await postgres.createDatabase();
    server = new DatabaseServer(database.application, 2, KEY);
    await prepareServer(server.control, database.owner, KEY);
    owner = new Kysely({
      dialect: new PostgresDialect({ pool: new Pool({ connectionString: database.owner }) }),
    });
    for (const organization of ['org_acme', 'org_globex']) {
      await server.transaction(organization, call(), (todos) =>
        todos
          .insertInto('todos')
          .values({ title: `of ${organization}`, created_by: 'x' })
          .execute(),
      );
    }
  });
  afterEach(async () => {
    await owner.destroy();
    await server.close();
  });

  const titles = async (): Promise<string[]> => {
    const rows = await postgres.run<{ title: string }>('select title from todos order by 1', database.name);
    return rows.map(({ title }) => title);
  };
  const isForced = (): Promise<object[]> =>
    postgres.run(`select relforcerowsecurity as forced from pg_class where relname = 'todos'`, database.name);
  const as = async (url: string, statements: string): Promise<unknown> => {
    const client = new Client(url);
    await client.connect();
    try {
      return await client.query(statements);
    } finally {
      await client.end();
    }
  };

  describe('in a migration', () => {
    const change = (transaction: Transaction<unknown>): Promise<unknown> =>
      sql`update todos set title = upper(title)`.execute(transaction);

    it('stay as they are while row security is forced', async () => {
      await owner.transaction().execute(change);
      expect(await titles()).toEqual(['of org_acme', 'of org_globex']);
    });

    it('can be changed while it is not, and are protected again', async () => {
      await owner.transaction().execute(async (transaction) => {
        await sql`alter table todos no force row level security`.execute(transaction);
        await change(transaction);
        await protectRows(transaction, 'todos');
      });
      expect(await titles()).toEqual(['OF ORG_ACME', 'OF ORG_GLOBEX']);
      expect(await isForced()).toEqual([{ forced: true }]);
      const visible = server.transaction('org_acme', call(), (todos) =>
        todos.selectFrom('todos').select('title').execute(),
      );
      expect(await visible).toEqual([{ title: 'OF ORG_ACME' }]);
    });
  });

  it('are dumped by a role with BYPASSRLS, not by the owner', async () => {
    // pg_dump turns row security off, so that it fails instead of dumping a part.
    const dump = 'set row_security = off; table todos; table aerie.tenant_keys';
    await expect(as(database.owner, dump)).rejects.toThrow(/row-level security/);
    await postgres.run(backupRole.replace('database aerie', `database ${database.name}`));
    const backup = new URL(database.owner);
    [backup.username, backup.password] = ['aerie_backup', 'backup-password'];
    await expect(as(backup.href, dump)).resolves.toBeDefined();
  });

  it.each([
    ['a superuser', () => postgres.run(asSuperuser, database.name)],
    ['the owner', () => as(database.owner, asOwner)],
  ])('of one organization are deleted by %s', async (_who, remove) => {
    await remove();
    expect(await titles()).toEqual(['of org_globex']);
    expect(await isForced()).toEqual([{ forced: true }]);
  });

  it('are not found by the owner while row security is forced', async () => {
    await as(database.owner, 'delete from todos');
    expect(await titles()).toHaveLength(2);
  });
});
