import { Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Client, Pool } from 'pg';

import { MIGRATIONS } from '../src/database/migrations/index.js';
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

describe('the signed organization of a transaction', () => {
  let postgres: PostgresServer;
  let database: Awaited<ReturnType<PostgresServer['createDatabase']>>;
  let server: DatabaseServer;
  /** Session of the application's role that can run any SQL, even more than injected SQL can. */
  let session: Client;
  let minute: number;

  beforeAll(async () => {
    postgres = await startPostgres();
    database = await postgres.createDatabase();
    await postgres.run(`grant temporary on database ${database.name} to ${database.name}_application`);
    server = new DatabaseServer(database.application, 4, KEY);
    await prepareServer(server.control, database.owner, KEY);
    for (const organization of ['org_acme', 'org_globex']) {
      await server.transaction(organization, call(), (todos) =>
        todos
          .insertInto('todos')
          .values({ title: `secret of ${organization}`, created_by: 'x' })
          .execute(),
      );
    }
  });
  afterAll(async () => {
    await server?.close();
    await postgres?.remove();
  });
  beforeEach(async () => {
    session = new Client(database.application);
    await session.connect();
    await begin();
  });
  afterEach(() => session.end());

  const minuteOf = async (client: Client): Promise<number> => {
    const { rows } = await client.query<{ minute: number }>(
      `select floor(date_part('epoch', now()) / 60)::int as minute`,
    );
    return rows[0]?.minute ?? 0;
  };
  const begin = async (): Promise<void> => {
    await session.query('begin');
    minute = await minuteOf(session);
  };
  const claim = (organization: string, signature: string, as = session): Promise<unknown> =>
    as.query(`select set_config('aerie.organization', $1, true), set_config('aerie.signature', $2, true)`, [
      organization,
      signature,
    ]);
  const titles = async (): Promise<string[]> => {
    const { rows } = await session.query<{ title: string }>('select title from public.todos order by title');
    return rows.map(({ title }) => title);
  };

  it('shows only the rows of this organization', async () => {
    await claim('org_acme', KEY.sign(minute, 'org_acme'));
    expect(await titles()).toEqual(['secret of org_acme']);
  });

  it.each<[string, (sign: (organization: string) => string) => string]>([
    ['was made for another organization', (sign) => sign('org_globex')],
    ['was made in the minute before', () => KEY.sign(minute - 1, 'org_acme')],
    ['was made for the next minute', () => KEY.sign(minute + 1, 'org_acme')],
    ['was made with another key', () => TenantKey.random().sign(minute, 'org_acme')],
    ['is cut short', (sign) => sign('org_acme').slice(0, -1)],
    ['is in capitals', (sign) => sign('org_acme').toUpperCase()],
    ['is empty', () => ''],
    ['is a pattern', () => '%'],
  ])('shows nothing when the signature %s', async (_what, forge) => {
    await claim(
      'org_acme',
      forge((organization) => KEY.sign(minute, organization)),
    );
    expect(await titles()).toEqual([]);
    const insert = session.query(`insert into public.todos (title, created_by) values ('planted', 'x')`);
    await expect(insert).rejects.toThrow(/row-level security/);
  });

  it('cannot be read from other sessions of the role', async () => {
    const texts = await server.transaction('org_acme', call(), async () => {
      const { rows } = await session.query<{ query: string }>(
        `select query from pg_stat_activity where state = 'idle in transaction' and pid <> pg_backend_pid()`,
      );
      return rows.map(({ query }) => query);
    });
    expect(texts).toEqual([expect.stringContaining('aerie.enter')]);
    expect(texts.join()).not.toMatch(/[\da-f]{64}|org_acme/);
  });

  it('is verified with names of pg_catalog, whatever the session’s search path', async () => {
    // The application's role normally cannot create schemas.
    await postgres.run(`create schema own authorization ${database.name}_application`, database.name);
    await session.query(`
      grant usage on schema own to public;
      create temp table tenant_keys (id text, inner_pad bytea, outer_pad bytea);
      insert into tenant_keys values ('own', '', '');
      create table own.tenant_keys as select * from tenant_keys;
      create function own.organization() returns text language sql as $$select 'org_acme'$$;
      create function own.sha256(bytea) returns bytea language sql as $$select ''::bytea$$;
      create function own.encode(bytea, text) returns text language sql as $$select ''$$;
      create function own.convert_to(text, name) returns bytea language sql as $$select ''::bytea$$;
      create function own.current_setting(text) returns text language sql as $$select 'org_globex'$$;
      create function own.current_setting(text, boolean) returns text language sql as $$select 'x'$$;
      create function own.concat_ws(text, int, text) returns text language sql as $$select ''$$;
      create function own.date_part(text, timestamptz) returns float8 language sql as $$select 0::float8$$;
      create function own.floor(float8) returns float8 language sql as $$select 0::float8$$;
      create function own.now() returns timestamptz language sql as $$select '2000-01-01'::timestamptz$$;
      create function own.same(text, text) returns boolean language sql as $$select true$$;
      create function own.divide(float8, int) returns float8 language sql as $$select 0::float8$$;
      create function own.join(bytea, bytea) returns bytea language sql as $$select ''::bytea$$;
      create operator own.= (leftarg = text, rightarg = text, function = own.same);
      create operator own.<> (leftarg = text, rightarg = text, function = own.same);
      create operator own./ (leftarg = float8, rightarg = int, function = own.divide);
      create operator own.|| (leftarg = bytea, rightarg = bytea, function = own.join);
      create domain own.int4 as pg_catalog.int8;
      set local search_path = pg_temp, own, pg_catalog`);
    await claim('org_acme', '');
    expect(await titles()).toEqual([]);
    await claim('org_acme', KEY.sign(minute, 'org_globex'));
    expect(await titles()).toEqual([]);
    await claim('org_acme', KEY.sign(minute, 'org_acme'));
    expect(await titles()).toEqual(['secret of org_acme']);
  });

  it.each([
    "role = 'none'",
    'session authorization default',
    "TimeZone = 'Asia/Kathmandu'",
    "standard_conforming_strings = 'off'",
    "bytea_output = 'escape'",
    "client_encoding = 'SQL_ASCII'",
    "transform_null_equals = 'on'",
  ])('does not depend on settings of the session: %s', async (setting) => {
    await session.query(`set local ${setting}`);
    await claim('org_acme', KEY.sign(minute, 'org_globex'));
    expect(await titles()).toEqual([]);
    await claim('org_acme', KEY.sign(minute, 'org_acme'));
    expect(await titles()).toEqual(['secret of org_acme']);
  });

  it('cannot be bypassed by disabling row security', async () => {
    await session.query('set local row_security = off');
    await expect(titles()).rejects.toThrow(/row-level security/);
  });

  it.each([
    ['the keys', 'select * from aerie.tenant_keys'],
    ['keys by their place on disk', `select pg_read_binary_file('base')`],
    ['the role of the owner', 'set local role $owner'],
    [
      'another check',
      `create or replace function aerie.organization() returns text language sql as $$select ''$$`,
    ],
    [
      'another check in the same schema',
      'create function aerie.x() returns text language sql as $$select 1$$',
    ],
    ['no policy', 'alter table public.todos disable row level security'],
  ])('is out of reach: SQL of the application cannot have %s', async (_what, statement) => {
    const refused = session.query(statement.replace('$owner', `${database.name}_owner`));
    await expect(refused).rejects.toThrow(/permission denied|must be owner/);
  });

  it('keeps its keys out of the public statistics', async () => {
    await postgres.run('analyze aerie.tenant_keys', database.name);
    const { rows } = await session.query(`select * from pg_stats where tablename = 'tenant_keys'`);
    expect(rows).toEqual([]);
  });

  it('needs an additional statement only when a new minute has begun', async () => {
    const key = TenantKey.random();
    const pool = new Pool({ connectionString: database.application, max: 1 });
    let statements = 0;
    const owned = new Kysely<unknown>({
      dialect: new PostgresDialect({ pool }),
      log: () => void statements++,
    });
    const count = (): Promise<number> =>
      owned.transaction().execute(async (transaction) => {
        const before = statements;
        await key.enter(transaction, 'org_acme', 60_000);
        return statements - before;
      });
    const counts = [await count(), await count(), await count()];
    await owned.destroy();
    // At most one minute ends during the three calls.
    expect(counts[0]).toBe(2);
    expect(counts.slice(1)).toContain(1);
  });

  it('keeps rows, and works for instances of the previous version, after the last migration', async () => {
    const upgraded = await postgres.createDatabase();
    const [older, owner] = [new Client(upgraded.application), new Client(upgraded.owner)];
    const newer = new DatabaseServer(upgraded.application, 1, KEY);
    const pool = new Pool({ connectionString: upgraded.owner, max: 1 });
    const owned = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    try {
      const earlier = Object.fromEntries(Object.entries(MIGRATIONS).slice(0, -1));
      const provider = { getMigrations: () => Promise.resolve(earlier) };
      await new Migrator({ db: owned, provider }).migrateToLatest();
      await KEY.register(owned);
      await owner.connect();
      await owner.query('begin');
      await claim('org_acme', KEY.sign(await minuteOf(owner), 'org_acme'), owner);
      await owner.query(`insert into public.todos (title, created_by) values ('kept', 'x')`);
      await owner.query('commit');
      await prepareServer(newer.control, upgraded.owner, KEY);
      const read = newer.transaction('org_acme', call(), (todos) =>
        todos.selectFrom('todos').select('title').execute(),
      );
      expect(await read).toEqual([{ title: 'kept' }]);
      await older.connect();
      await older.query('begin');
      await claim('org_acme', KEY.sign(await minuteOf(older), 'org_acme'), older);
      expect((await older.query('select title from public.todos')).rows).toEqual([{ title: 'kept' }]);
    } finally {
      await Promise.all([older.end(), owner.end(), newer.close(), owned.destroy()]);
    }
  });
});
