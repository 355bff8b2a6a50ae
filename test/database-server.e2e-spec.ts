import { Injectable, Module } from '@nestjs/common';
import { type Kysely, type SqlBool, sql } from 'kysely';
import { Client } from 'pg';
import { z } from 'zod';

import { blocksOf } from '../scripts/documentation/blocks.js';
import { Database } from '../src/database/database.js';
import { OrganizationDatabase } from '../src/database/index.js';
import { protectRows } from '../src/database/migrations/protect-rows.js';
import { MIGRATIONS, type SchemaMigration } from '../src/database/migrations/index.js';
import { PostgresServer as DatabaseServer } from '../src/database/postgres-server.js';
import { prepareServer } from '../src/database/prepare-server.js';
import { TenantKey } from '../src/database/tenant-key.js';
import { CallContext, McpTool } from '../src/mcp/index.js';
import { type Aerie, type AerieOptions, startAerie } from './support/aerie.js';
import { startNetwork } from './support/network.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { message, post, postModern, toolCall } from './support/rpc.js';
import { eventually } from './support/until.js';

const sqlOf = (page: string): string[] =>
  blocksOf(page).flatMap(({ language, code }) => (language === 'sql' ? [code] : []));
const AWAY = 'The database cannot be reached now. Try again shortly.';
const sleep = z.object({ seconds: z.number() });

@Injectable()
class SleepTools {
  constructor(private readonly database: OrganizationDatabase) {}

  @McpTool({
    name: 'sleep',
    scopes: 'authenticated',
    description: 'Sleeps in the database.',
    input: sleep,
    timeout: 1_000,
  })
  sleep(input: { seconds: number }, call: CallContext): Promise<string> {
    return this.sleepLong(input, call);
  }

  @McpTool({
    name: 'sleep_long',
    scopes: 'authenticated',
    description: 'Sleeps in the database.',
    input: sleep,
  })
  async sleepLong({ seconds }: { seconds: number }, call: CallContext): Promise<string> {
    return this.database.transaction(call, async (transaction) => {
      await transaction.insertInto('todos').values({ title: 'asleep', created_by: 'x' }).execute();
      const asleep = sql<SqlBool>`pg_sleep(${seconds}::float8) is not null`;
      await transaction.selectFrom('todos').select('id').where(asleep).limit(1).execute();
      return 'awake';
    });
  }

  @McpTool({
    name: 'add_in_with',
    scopes: 'authenticated',
    description: 'Adds a todo in a common table expression.',
  })
  async addInWith(_input: object, call: CallContext): Promise<string> {
    return this.database.transaction(call, async (transaction) => {
      const { id } = await transaction
        .with('added', (todos) =>
          todos.insertInto('todos').values({ title: 'x', created_by: 'x' }).returning('id'),
        )
        .selectFrom('added')
        .select('id')
        .executeTakeFirstOrThrow();
      return id;
    });
  }

  @McpTool({
    name: 'smuggle',
    scopes: 'authenticated',
    description: 'Leaves settings behind in the session.',
  })
  async smuggle(_input: object, call: CallContext): Promise<string> {
    return this.database.transaction(call, async (transaction) => {
      const leave = (name: string, value: string) => sql<string>`set_config(${name}, ${value}, false)`;
      const { made } = await transaction
        .insertInto('todos')
        .values({ title: 'mine', created_by: 'x' })
        .returning([
          leave('aerie.organization', 'org_smuggled').as('made'),
          leave('search_path', 'pg_catalog').as('path'),
          leave('TimeZone', 'Asia/Kathmandu').as('zone'),
        ])
        .executeTakeFirstOrThrow();
      return made;
    });
  }

  @McpTool({ name: 'settings', scopes: 'authenticated', description: 'Which settings this session has.' })
  async settings(_input: object, call: CallContext): Promise<object> {
    return this.database.transaction(call, (transaction) =>
      transaction
        .with('setting', () => sql<{ setting: string }>`(select current_setting('TimeZone') as setting)`)
        .selectFrom('setting')
        .select([
          'setting as zone',
          sql<string>`current_setting('aerie.organization')`.as('organization'),
          sql<string>`current_setting('search_path')`.as('path'),
          sql<string>`current_setting('statement_timeout')`.as('timeout'),
        ])
        .executeTakeFirstOrThrow(),
    );
  }
}

@Module({ providers: [SleepTools] })
class SleepToolsModule {}

describe('a PostgreSQL server', () => {
  let postgres: PostgresServer;
  let database: Awaited<ReturnType<PostgresServer['createDatabase']>>;
  const running: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.remove());
  beforeEach(async () => {
    database = await postgres.createDatabase();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((aerie) => aerie.close()));
  });

  const start = async (environment: NodeJS.ProcessEnv = {}, options: AerieOptions = {}): Promise<Aerie> => {
    const urls = { DATABASE_URL: database.application, DATABASE_MIGRATION_URL: database.owner };
    const aerie = await startAerie({
      modules: [SleepToolsModule],
      environment: { ...urls, ...environment },
      ...options,
    });
    running.push(aerie);
    return aerie;
  };
  /** Runs work while this version has a migration of its own. */
  const withMigration = async (migration: SchemaMigration, work: () => Promise<unknown>): Promise<void> => {
    const migrations: Record<string, SchemaMigration> = MIGRATIONS;
    migrations['1001-added'] = migration;
    try {
      await work();
    } finally {
      delete migrations['1001-added'];
    }
  };
  const stop = async (aerie: Aerie): Promise<void> => {
    running.splice(running.indexOf(aerie), 1);
    await aerie.close();
  };
  const token = (aerie: Aerie, organization = 'org_acme'): Promise<string> =>
    aerie.token({ scope: 'usr:read todo:read todo:write', claims: { oid: organization } });
  const call = async (
    aerie: Aerie,
    name: string,
    args: object = {},
    organization = 'org_acme',
  ): Promise<{ text: string; isError: boolean }> => {
    const response = await post(aerie.url, await token(aerie, organization), message(toolCall(name, args)));
    const { result } = (await response.json()) as {
      result: { content: [{ text: string }]; isError?: boolean };
    };
    return { text: result.content[0].text, isError: result.isError ?? false };
  };
  const addWithKey = async (aerie: Aerie, key: string): Promise<unknown> => {
    const params = { name: 'add_todo', arguments: { title: 'x' }, _meta: { 'aerie/idempotency-key': key } };
    const add = message({ method: 'tools/call', id: 1, params });
    return (await post(aerie.url, await token(aerie), add)).json();
  };
  const readiness = (aerie: Aerie) => async (): Promise<unknown> => {
    const response = await fetch(`${aerie.origin}/health/ready`);
    const { status, details } = (await response.json()) as {
      status: string;
      details: { database: { status: string } };
    };
    return [response.status, status, details.database.status];
  };
  /** Current activity of the application's role on the server. */
  const statements = async (): Promise<string[]> => {
    const rows = await postgres.run<{ query: string }>(
      `select query from pg_stat_activity
       where usename = '${database.name}_application' and state = 'active'`,
    );
    return rows.map(({ query }) => query);
  };

  describe('at startup', () => {
    it('migrates a new database from several instances at the same time', async () => {
      const instances = await Promise.all([start(), start(), start()]);
      for (const instance of instances) await eventually(readiness(instance), [200, 'ok', 'up']);
      const rows = await postgres.run<{ name: string }>(
        'select name from kysely_migration order by name',
        database.name,
      );
      expect(rows.map(({ name }) => name)).toEqual(Object.keys(MIGRATIONS));
      expect(await call(instances[0], 'add_todo', { title: 'one for all' })).toMatchObject({
        isError: false,
      });
      expect((await call(instances[2], 'list_todos')).text).toContain('one for all');
    });

    it('registers a new password as the signing key before it is used', async () => {
      await stop(await start());
      const changed = database.application.replace(/:[^:@]*@/, ':a-new-password@');
      await postgres.run(`alter role ${database.name}_application password 'a-new-password'`);
      const alone = { DATABASE_URL: changed, DATABASE_MIGRATION_URL: '' };
      await expect(start(alone)).rejects.toThrow(
        /DATABASE_URL: has a password, or DATABASE_TENANT_SECRET a value, that the schema does not accept[^]*migrate/,
      );
      await stop(await start({ DATABASE_URL: changed }));
      expect(await call(await start(alone), 'list_todos')).toMatchObject({ isError: false });
      // Without a password, such as with a client certificate, a secret replaces it.
      const DATABASE_TENANT_SECRET = 'a-secret-of-the-test-that-is-long-enough';
      await stop(await start({ DATABASE_URL: changed, DATABASE_TENANT_SECRET }));
      expect(await call(await start({ ...alone, DATABASE_TENANT_SECRET }), 'list_todos')).toMatchObject({
        isError: false,
      });
    });

    it('migrates from a large number of instances too', async () => {
      const key = TenantKey.random();
      for (let round = 0; round < 2; round++) {
        const fresh = await postgres.createDatabase();
        const level = round === 0 ? 'serializable' : 'read committed';
        await postgres.run(`alter role ${fresh.name}_owner set default_transaction_isolation = '${level}'`);
        const servers = Array.from({ length: 12 }, () => new DatabaseServer(fresh.application, 1, key));
        for (const _ of ['fresh', 'migrated']) {
          const prepared = servers.map(({ control }) => prepareServer(control, fresh.owner, key));
          const outcomes = await Promise.allSettled(prepared);
          expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
        }
        await Promise.all(servers.map((server) => server.close()));
      }
    });

    it('migrates over one connection, without a lock of the session, which a pooler would not release', async () => {
      await postgres.run(
        `alter role ${database.name}_owner connection limit 1;
         create function public.pg_advisory_lock(bigint) returns void language plpgsql as
           $$ begin raise exception 'locked in the session'; end $$;
         alter role ${database.name}_owner set search_path = public, pg_catalog`,
        database.name,
      );
      const aerie = await start();
      expect(await call(aerie, 'list_todos')).toMatchObject({ isError: false });
    });

    it.each([
      ['an owner named like the schema "aerie"', 'alter role $db_owner rename to aerie'],
      ['an application role named like that schema', 'alter role $db_application rename to aerie'],
      [
        'an owner with another search path',
        'create schema app authorization $db_owner; alter role $db_owner set search_path = app, public',
      ],
      ['an owner without a search path', `alter role $db_owner set search_path = ''`],
    ])('migrates and starts with %s', async (_what, change) => {
      const { name } = database;
      await postgres.run(change.replaceAll('$db', name), name);
      const [, renamed] = /\$db(_\w+) rename/.exec(change) ?? [];
      const urlOf = (url: string): string => url.replace(`//${name}${renamed}:`, '//aerie:');
      const urls = {
        DATABASE_URL: urlOf(database.application),
        DATABASE_MIGRATION_URL: urlOf(database.owner),
      };
      try {
        await stop(await start(urls));
        const aerie = await start(urls);
        expect(await addWithKey(aerie, 'first')).toMatchObject({
          result: { structuredContent: { title: 'x' } },
        });
        await stop(aerie);
      } finally {
        if (renamed !== undefined) await postgres.run(`alter role aerie rename to ${name}${renamed}`);
      }
    });

    it('changes nothing if the owner may not, and names the first error', async () => {
      await postgres.run(
        `alter schema public owner to postgres; revoke create on schema public from public`,
        database.name,
      );
      await expect(start()).rejects.toThrow(
        /DATABASE_MIGRATION_URL: leads to a server that returns an error: permission denied for schema public/,
      );
      const schemas = `select 1 from pg_namespace where nspname = 'aerie'`;
      expect(await postgres.run(schemas, database.name)).toEqual([]);
    });

    it('waits a limited time for another process that migrates, and then starts without being ready', async () => {
      const holder = new Client(database.owner);
      const key = TenantKey.random();
      const server = new DatabaseServer(database.application, 1, key);
      try {
        await holder.connect();
        await holder.query('begin; select pg_advisory_xact_lock(7026112104)');
        const cause = expect.objectContaining({ message: expect.stringContaining('another process') });
        await expect(prepareServer(server.control, database.owner, key, 100)).rejects.toMatchObject({
          trouble: 'unreachable',
          cause,
        });
        await holder.query('rollback');
        await prepareServer(server.control, database.owner, key, 100);
      } finally {
        await holder.end();
        await server.close();
      }
    });

    it('holds the lock for a minute at most if the process vanishes, and limits no migration', async () => {
      let settings: unknown;
      const up = async (migrating: Kysely<unknown>): Promise<void> => {
        const { rows } = await sql`select current_setting('lock_timeout') as lock,
          current_setting('idle_in_transaction_session_timeout') as idle`.execute(migrating);
        settings = rows;
      };
      await withMigration({ olderVersionsMayRun: true, up }, start);
      expect(settings).toEqual([{ lock: '0', idle: '1min' }]);
    });

    it('names a migration that fails by itself, and does not run it again and again', async () => {
      const up = (): Promise<void> => Promise.reject(new TypeError('nothing is not a function'));
      await withMigration({ olderVersionsMayRun: true, up }, () =>
        expect(start()).rejects.toThrow(
          /DATABASE_MIGRATION_URL: leads to a schema that cannot be migrated\. The migration 1001-added failed: nothing is not a function/,
        ),
      );
    });

    it('migrates the schema of a newer version on which older versions may run, and no other', async () => {
      await stop(await start());
      const undo = `delete from kysely_migration where name = '0006-idempotent-calls'; drop table idempotent_calls`;
      await postgres.run(
        `insert into kysely_migration (name, timestamp, older_versions_may_run)
           values ('9999-later', '2026-11-30T12:00:00.000Z', true);
         ${undo}`,
        database.name,
      );
      const aerie = await start();
      expect(await call(aerie, 'list_todos')).toMatchObject({ isError: false });
      const names = 'select name from kysely_migration order by name';
      const rows = await postgres.run<{ name: string }>(names, database.name);
      expect(rows.map(({ name }) => name)).toEqual([...Object.keys(MIGRATIONS), '9999-later']);
      await postgres.run(
        `update kysely_migration set older_versions_may_run = false where name = '9999-later'; ${undo}`,
        database.name,
      );
      await expect(start()).rejects.toThrow(
        /schema of a newer version, on which this version cannot run: 9999-later/,
      );
      expect(await postgres.run(names, database.name)).toHaveLength(rows.length - 1);
    });

    it('needs no migrating role if the schema exists, even a newer one that says that older versions may run', async () => {
      await expect(start({ DATABASE_MIGRATION_URL: '' })).rejects.toThrow(
        /DATABASE_URL: leads to a schema without 0001-todos, 0002-signed-organization[^]*DATABASE_MIGRATION_URL/,
      );
      await start();
      await postgres.run(`insert into kysely_migration values ('9999-later', now()::text)`, database.name);
      const ways = [{}, { DATABASE_MIGRATION_URL: '' }];
      for (const environment of ways) {
        await expect(start(environment)).rejects.toThrow(
          /schema of a newer version, on which this version cannot run: 9999-later[^]*Start the newer version/,
        );
      }
      await postgres.run('update kysely_migration set older_versions_may_run = true', database.name);
      for (const environment of ways) {
        const aerie = await start(environment);
        expect(await call(aerie, 'list_todos')).toMatchObject({ isError: false });
        expect(aerie.logs.join('')).toMatch(/newer version, on which this version can run: 9999-later/);
      }
    });

    it.each([
      ['a superuser', 'alter role $app superuser', /is a superuser/],
      ['exempt from row security', 'alter role $app bypassrls', /BYPASSRLS/],
      ['able to give itself roles', 'alter role $app createrole', /CREATEROLE/],
      ['the owner of the table', 'alter table todos owner to $app', /owns todos/],
      ['a member of the owner', 'grant $owner to $app', /member of "test_\d+_owner", which owns todos/],
      [
        'a member of a member of the owner',
        'create role $db_between noinherit; grant $owner to $db_between; grant $db_between to $app',
        /which owns todos/,
      ],
      [
        'a member of a superuser',
        'create role $db_super superuser; grant $db_super to $app',
        /member of "test_\d+_super", which is a superuser/,
      ],
      ['allowed to truncate', 'grant truncate on todos to $app', /may truncate todos/],
      ['used with row security off', 'alter table todos disable row level security', /not both enabled/],
      ['used with row security not forced', 'alter table todos no force row level security', /forced/],
      [
        'used with a policy for everybody',
        'create policy everybody on todos using (true)',
        /policy without aerie/,
      ],
      [
        'used with a policy that lets it write for everybody',
        `create policy everybody on todos using (organization_id = current_setting('aerie.organization', true))
         with check (true)`,
        /policy without aerie/,
      ],
      [
        'used with a policy that goes by a setting, which any SQL can change',
        `create policy setting on todos using (organization_id = current_setting('aerie.organization', true))`,
        /policy without aerie\.organization\(\)/,
      ],
      [
        'able to read the keys of signatures',
        'grant usage on schema aerie to $app; grant select (inner_pad) on aerie.tenant_keys to $app',
        /may read or change the keys/,
      ],
      ['able to replace the check of signatures', 'grant create on schema aerie to $app', /keys/],
      [
        'used with a materialized view, which has no row security',
        'create materialized view copies as select * from todos; grant select on copies to $app',
        /may use copies/,
      ],
      [
        'used with a view that shows what a superuser sees',
        'create view copies as select * from todos; grant select on copies to $app',
        /may use the view copies, which shows all rows that its owner "postgres" sees/,
      ],
      ['able to read the log of changes', 'alter role $app replication', /REPLICATION/],
      [
        'a member of a role that reads files',
        'grant pg_read_server_files to $app',
        /may access the files of the server/,
      ],
      [
        'used with a table that is not protected',
        'create table notes (organization_id text); grant select on notes to $app',
        /may use notes/,
      ],
    ])('refuses a role that is %s', async (_what, statement, problem) => {
      const server = new DatabaseServer(database.application, 1, TenantKey.random());
      running.push(server);
      const prepare = (owner?: string): Promise<unknown> => prepareServer(server.control, owner, server.key);
      await prepare(database.owner);
      const { name } = database;
      const roles = statement
        .replaceAll('$app', `${name}_application`)
        .replaceAll('$owner', `${name}_owner`)
        .replaceAll('$db', name);
      await postgres.run(roles, name);
      for (const owner of [undefined, database.owner]) {
        const refused = await prepare(owner).then(
          () => 'it started',
          (error: Error) => error.message,
        );
        expect(refused).toMatch(problem);
        expect(refused).toMatch(/Aerie cannot start[^]*DATABASE_URL[^]*→/);
        expect(refused).not.toContain('127.0.0.1');
      }
    });

    it('accepts views that show only rows that the role may see', async () => {
      await start();
      await postgres.run(
        `create view of_the_owner as select * from todos;
         alter view of_the_owner owner to ${database.name}_owner;
         create view of_the_caller with (security_invoker) as select * from todos;
         grant select on of_the_owner, of_the_caller to ${database.name}_application`,
        database.name,
      );
      expect(await call(await start(), 'list_todos')).toMatchObject({ isError: false });
    });

    it('rejects the owner as the application’s role, and explains a wrong password', async () => {
      await expect(start({ DATABASE_URL: database.owner })).rejects.toThrow(/owns todos/);
      const wrong = database.application.replace(/:[^:@]+@/, ':hush@');
      const refused = await start({ DATABASE_URL: wrong }).catch((error: Error) => error.message);
      expect(refused).toMatch(
        /DATABASE_URL: leads to a server that returns an error: password authentication failed/,
      );
      expect(refused).not.toContain('hush');
    });

    it('lets tools insert rows whose number comes from a sequence', async () => {
      const up = async (migrating: Kysely<unknown>): Promise<void> => {
        await sql`create table notes (organization_id text not null, number serial)`.execute(migrating);
        await protectRows(migrating, 'notes');
      };
      await withMigration({ olderVersionsMayRun: true, up }, start);
      const session = new Client(database.application);
      await session.connect();
      try {
        const { rows } = await session.query(`select nextval('notes_number_seq') as number`);
        expect(rows).toEqual([{ number: '1' }]);
        await expect(session.query(`select setval('notes_number_seq', 7)`)).rejects.toThrow(/denied/);
      } finally {
        await session.end();
      }
    });

    it('grants only the privileges that tools need', async () => {
      await start();
      const rows = await postgres.run(
        `select string_agg(privilege_type, ' ' order by privilege_type) as may
         from information_schema.role_table_grants
         where grantee = '${database.name}_application' and table_name = 'todos'`,
        database.name,
      );
      expect(rows).toEqual([{ may: 'DELETE INSERT SELECT UPDATE' }]);
    });
  });

  it('cancels the statement of an ended call and rolls it back', async () => {
    const aerie = await start({ DATABASE_POOL_SIZE: '1' });
    const late = call(aerie, 'sleep', { seconds: 30 });
    await eventually(async () => (await statements()).length, 1);
    expect((await statements())[0]).toContain('pg_sleep');
    expect(await late).toEqual({ text: 'The call did not end within 1 s.', isError: true });
    await eventually(statements, [], 700); // by itself it would end a second later
    // The only connection of the pool is usable again.
    expect((await call(aerie, 'list_todos')).text).toBe('{"todos":[]}');
  });

  it('cancels the statement of a disconnected caller', async () => {
    const aerie = await start({ DATABASE_POOL_SIZE: '1' });
    const gone = new AbortController();
    const bearer = await token(aerie);
    const left = postModern(aerie.url, bearer, toolCall('sleep_long', { seconds: 30 }), {}, gone.signal);
    await eventually(async () => (await statements()).length, 1);
    gone.abort();
    await expect(left).rejects.toThrow(/abort/);
    await eventually(statements, [], 5_000);
    expect((await call(aerie, 'list_todos')).text).toBe('{"todos":[]}');
  });

  it('cancels no other statements when many are cancelled at once', async () => {
    const aerie = await start({ DATABASE_POOL_SIZE: '4' });
    const sleepers = Array.from({ length: 8 }, () => call(aerie, 'sleep', { seconds: 30 }));
    const others = Array.from({ length: 40 }, (_, index) => call(aerie, 'add_todo', { title: `${index}` }));
    for (const { text } of await Promise.all(sleepers)) expect(text).toMatch(/did not end within 1 s/);
    const failed = (await Promise.all(others)).filter(({ isError }) => isError);
    expect(failed).toEqual([]);
    await eventually(statements, []);
  });

  it('ends a statement by its own timeout soon after the deadline', async () => {
    const aerie = await start();
    const { timeout } = JSON.parse((await call(aerie, 'settings')).text) as { timeout: string };
    expect(timeout).toMatch(/^(60|61)\d{0,3}(s|ms)$|^1min$/);
  });

  it('resets every setting of a connection', async () => {
    const aerie = await start({ DATABASE_POOL_SIZE: '1' });
    expect(await call(aerie, 'smuggle')).toEqual({ text: 'org_smuggled', isError: false });
    const after = await call(aerie, 'settings', {}, 'org_globex');
    expect(JSON.parse(after.text)).toMatchObject({
      organization: 'org_globex',
      path: 'public, pg_temp',
      zone: expect.not.stringMatching('Kathmandu'),
    });
    const [leftover] = await postgres.run<{ organizations: string[] }>(
      'select array_agg(distinct organization_id) as organizations from todos',
      database.name,
    );
    expect(leftover?.organizations).toEqual(['org_acme']);
  });

  it('deletes outcomes of keys after a day', async () => {
    const aerie = await start();
    await addWithKey(aerie, 'old');
    await addWithKey(aerie, 'young');
    await postgres.run(
      `update idempotent_calls set created_at = created_at - interval '25 h' where key = 'old'`,
      database.name,
    );
    await addWithKey(aerie, 'new');
    const rows = await postgres.run('select key from idempotent_calls order by key', database.name);
    expect(rows).toEqual([{ key: 'new' }, { key: 'young' }]);
  });

  it('recovers from an outage under load without a restart', async () => {
    const aerie = await start();
    await call(aerie, 'add_todo', { title: 'kept' });
    const interrupted = call(aerie, 'sleep', { seconds: 0.9 });
    await eventually(async () => (await statements()).length, 1);
    await postgres.stop();
    expect(await interrupted).toEqual({ text: AWAY, isError: true });
    expect(await call(aerie, 'list_todos')).toEqual({ text: AWAY, isError: true });
    expect(await call(aerie, 'greet_user', { name: 'Saif' })).toMatchObject({ isError: false });
    expect(await readiness(aerie)()).toEqual([200, 'degraded', 'degraded']);
    await postgres.start();
    await eventually(readiness(aerie), [200, 'ok', 'up']);
    expect((await call(aerie, 'list_todos')).text).toContain('kept');
    expect(aerie.logs.filter((line) => line.includes('The database can be used again.'))).not.toEqual([]);
  });

  it('that hangs makes readiness degraded, not slow', async () => {
    const network = await startNetwork(Number(new URL(database.application).port));
    const url = new URL(database.application);
    url.port = String(network.port);
    const aerie = await start({ DATABASE_URL: url.href });
    const ask = readiness(aerie);
    await eventually(ask, [200, 'ok', 'up']);
    const release = network.hang();
    const durations: number[] = [];
    await eventually(async () => {
      const before = performance.now();
      const state = await ask();
      durations.push(performance.now() - before);
      return state;
    }, [200, 'degraded', 'degraded']);
    // The median, because other specs may take the processor for a while.
    const median = durations.toSorted((one, other) => one - other)[Math.floor(durations.length / 2)];
    expect(median).toBeLessThan(300);
    release();
    await eventually(ask, [200, 'ok', 'up']);
    network.close();
  });

  it('without a free connection is named as such, and leaves few lines in the log', async () => {
    const aerie = await start();
    const before = aerie.logs.length;
    const role = `${database.name}_application`;
    await postgres.run(`alter role ${role} connection limit 1`);
    for (let round = 0; round < 5; round++) {
      const calls = await Promise.all(Array.from({ length: 10 }, () => call(aerie, 'list_todos')));
      expect(new Set(calls.map(({ text }) => text))).toEqual(
        new Set([
          'Too many connections to the database are in use now. Nothing was changed. Try again shortly.',
        ]),
      );
      expect(await readiness(aerie)()).toEqual([200, 'degraded', 'degraded']);
    }
    await postgres.run(`alter role ${role} connection limit -1`);
    await eventually(readiness(aerie), [200, 'ok', 'up']);
    const lines = aerie.logs.slice(before).filter((line) => line.includes('The database can'));
    // One outage, and a relapse for each time that the processor was taken for longer than the quiet time.
    expect(lines.length).toBeLessThanOrEqual(6);
    for (const [index, line] of lines.entries()) {
      expect(line).toMatch(
        index % 2 === 0
          ? /cannot be used \(connections\): too many connections for role/
          : /The database can be used again/,
      );
    }
    expect(lines.length % 2).toBe(0);
  });

  it('with a full disk is named as such, until a change succeeds', async () => {
    const aerie = await start();
    await postgres.run(
      `create function fail() returns trigger language plpgsql as $$ begin
         raise exception using errcode = '53100', message = 'could not extend file: No space left on device';
       end $$;
       create trigger full_disk before insert on todos execute function fail()`,
      database.name,
    );
    const add = (): Promise<unknown> => call(aerie, 'add_todo', { title: 'x' });
    expect(await add()).toEqual({
      isError: true,
      text: expect.stringMatching(/^The disk of the database is full/),
    });
    expect(aerie.logs.join()).toMatch(/"outcome":"failed","reason":"database:disk_full"/);
    expect(await call(aerie, 'list_todos')).toMatchObject({ isError: false });
    // Changes nothing, so that it does not prove that the disk has room again.
    const id = '3b241101-e2bb-4255-8caf-4136c566a962';
    for (const end = performance.now() + 1_500; performance.now() < end;) {
      await call(aerie, 'delete_todo', { id });
    }
    expect(await readiness(aerie)()).toEqual([200, 'degraded', 'degraded']);
    await postgres.run('drop trigger full_disk on todos', database.name);
    await eventually(async () => {
      await call(aerie, 'add_in_with');
      return readiness(aerie)();
    }, [200, 'ok', 'up']);
  });

  it.each(['superuser', 'nosuperuser createdb createrole'])(
    'runs the statements of the documentation as an administrator with %s',
    async (attributes) => {
      const [create = '', second = '', drop = ''] = sqlOf('docs/database.md');
      const [newPassword = ''] = sqlOf('docs/rotation.md');
      const runAll = async (name: string, ...blocks: string[]): Promise<void> => {
        const client = new Client(postgres.url('administrator', name));
        await client.connect();
        try {
          for (const statement of blocks.flatMap((block) => block.split(';\n')))
            await client.query(statement);
        } finally {
          await client.end();
        }
      };
      await postgres.run(`create role administrator login password 'administrator' ${attributes}`);
      await runAll('postgres', create, newPassword);
      const urlOf = (role: string, password: string): string =>
        postgres.url(role, 'aerie').replace(`:${role}@`, `:${password}@`);
      const key = TenantKey.random();
      const server = new DatabaseServer(urlOf('aerie_application', 'new-password'), 1, key);
      try {
        await prepareServer(server.control, urlOf('aerie_owner', 'owner-password'), key);
      } finally {
        await server.close();
      }
      await runAll('postgres', second);
      await runAll('aerie', drop);
      const roles = await postgres.run("select rolname from pg_roles where rolname like 'aerie%' order by 1");
      expect(roles).toEqual([{ rolname: 'aerie_application_2' }, { rolname: 'aerie_owner' }]);
      expect(
        await postgres.run("select 1 from pg_auth_members where roleid::regrole::text like 'aerie%'"),
      ).toEqual([]);
      await postgres.run('drop database aerie');
      await postgres.run('drop role aerie_application_2, aerie_owner, administrator');
    },
  );

  it('down at startup: is not ready, reports the outage, and is checked once it is available', async () => {
    await stop(await start());
    await postgres.stop();
    const aerie = await start();
    expect(await readiness(aerie)()).toEqual([503, 'error', 'down']);
    expect(await call(aerie, 'list_todos')).toEqual({ text: AWAY, isError: true });
    await postgres.start();
    await eventually(readiness(aerie), [200, 'ok', 'up']);
    expect(await call(aerie, 'add_todo', { title: 'at last' })).toMatchObject({ isError: false });
    const lines = aerie.logs.filter((line) => line.includes('The database cannot be used'));
    expect(lines.join()).toContain('ECONNREFUSED');
    expect(aerie.logs.join()).not.toContain(`:${database.name}_application@`);
  });

  it('that no longer accepts the key of an instance fails calls instead of showing no rows', async () => {
    const aerie = await start();
    await call(aerie, 'add_todo', { title: 'kept' });
    const migrator = new DatabaseServer(database.application, 1, TenantKey.random());
    try {
      // The database accepts the last two keys.
      for (const key of [TenantKey.random(), TenantKey.random()]) {
        await prepareServer(migrator.control, database.owner, key);
      }
    } finally {
      await migrator.close();
    }
    // Not 503: all instances notice at the same time, and tools without a database work.
    await eventually(readiness(aerie), [200, 'degraded', 'degraded']);
    const { server } = aerie.application.get(Database, { strict: false });
    expect(server).toMatchObject({ isFit: false, wasFit: true, trouble: undefined });
    expect(await call(aerie, 'list_todos')).toEqual({ text: AWAY, isError: true });
    expect(await call(aerie, 'whoami')).toMatchObject({ isError: false });
    const told = (): string[] =>
      aerie.logs.filter((line) => line.includes('a value, that the schema does not accept. Set the current'));
    await eventually(() => Promise.resolve(told().length), 1);
    // Its next start registers the key.
    await stop(await start());
    await eventually(readiness(aerie), [200, 'ok', 'up'], 20_000);
    expect((await call(aerie, 'list_todos')).text).toContain('kept');
    expect(told()).toHaveLength(1);
  });

  it('available late with an unsafe role: is not ready until the role is fixed', async () => {
    const role = `${database.name}_application`;
    await stop(await start());
    await postgres.run(`alter role ${role} superuser`);
    await postgres.stop();
    const aerie = await start();
    await postgres.start();
    const told = (): string[] =>
      aerie.logs.filter((line) => line.includes(`\\"${role}\\", which is a superuser`));
    await eventually(() => Promise.resolve(told().length), 1);
    expect(await readiness(aerie)()).toEqual([503, 'error', 'down']);
    const { server } = aerie.application.get(Database, { strict: false });
    expect(server).toMatchObject({ isFit: false, wasFit: false, trouble: undefined });
    expect(await call(aerie, 'list_todos')).toEqual({ text: AWAY, isError: true });
    await postgres.run(`alter role ${role} nosuperuser`);
    await eventually(readiness(aerie), [200, 'ok', 'up'], 20_000);
    expect(told()).toHaveLength(1);
  });
});
