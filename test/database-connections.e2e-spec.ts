import { type RawBuilder, type SqlBool, sql } from 'kysely';

import { cancel } from '../src/database/cancellation.js';
import { Lease } from '../src/database/lease.js';
import { openPool } from '../src/database/open-pool.js';
import { PostgresServer as DatabaseServer } from '../src/database/postgres-server.js';
import { prepareServer } from '../src/database/prepare-server.js';
import { compiled } from '../src/database/read.js';
import { TenantKey } from '../src/database/tenant-key.js';
import { OutcomeUnknownError } from '../src/database/unavailable.js';
import type { OwningCall } from '../src/database/unit-of-work.js';
import { startNetwork } from './support/network.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { until } from './support/until.js';

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const GONE = new Error('gone');
const SECRET = 'secret of the application';
const callOf = (controller: AbortController, timeLeft = 60_000): OwningCall => ({
  signal: controller.signal,
  deadline: performance.now() + timeLeft,
});

describe('the connections to a PostgreSQL server', () => {
  let postgres: PostgresServer;
  let url: string;
  let name: string;
  let key: TenantKey;
  const servers: DatabaseServer[] = [];
  beforeAll(async () => {
    key = await TenantKey.fromSecret(SECRET);
    postgres = await startPostgres();
    const database = await postgres.createDatabase();
    ({ name, application: url } = database);
    await prepareServer(connectTo(url, 1).control, database.owner, key);
  });
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
  afterAll(() => postgres?.remove());

  const connectTo = (target: string, poolSize: number): DatabaseServer => {
    const server = new DatabaseServer(target, poolSize, key);
    servers.push(server);
    return server;
  };
  const list = (server: DatabaseServer, timeLeft?: number): Promise<unknown[]> => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(GONE), timeLeft ?? 60_000);
    return server
      .transaction('org_acme', callOf(controller), (todos) => todos.selectFrom('todos').selectAll().execute())
      .finally(() => clearTimeout(timer));
  };

  it('are released by work that outlives its call', async () => {
    const server = connectTo(url, 1);
    const controller = new AbortController();
    const stuck = server.transaction('org_acme', callOf(controller), async (todos) => {
      await todos.insertInto('todos').values({ title: 'x', created_by: 'x' }).execute();
      controller.abort(GONE);
      await new Promise(() => undefined);
    });
    await expect(stuck).rejects.toThrow(GONE);
    expect(await list(server)).toEqual([]);
  });

  it('are opened again when the server accepts no changes, because its name may lead to another one', async () => {
    const role = new URL(url).username;
    const change = (server: DatabaseServer): Promise<unknown> =>
      server.transaction('org_acme', callOf(new AbortController()), (todos) =>
        todos.deleteFrom('todos').where('title', '=', 'none').execute(),
      );
    // Like a demoted server: connections from then on are writable, and the earlier ones are not.
    await postgres.run(`alter role ${role} set default_transaction_read_only = on`, name);
    const server = connectTo(url, 2);
    await Promise.all([list(server), list(server)]);
    await postgres.run(`alter role ${role} reset default_transaction_read_only`, name);
    await expect(change(server)).rejects.toMatchObject({ trouble: 'read_only' });
    // Not for each failed change.
    await expect(change(server)).rejects.toMatchObject({ trouble: 'read_only' });
    await pause(5_000);
    await expect(change(server)).rejects.toMatchObject({ trouble: 'read_only' });
    await Promise.all([change(server), change(server)]);
  });

  it('are opened again ever more rarely while the server accepts no changes, and only twice at a time', async () => {
    const role = new URL(url).username;
    let skipped = 0;
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + skipped);
    await postgres.run(`alter role ${role} set default_transaction_read_only = on`, name);
    const server = connectTo(url, 2);
    const processId = async (): Promise<unknown> =>
      (await sql`select pg_backend_pid()`.execute(server.control)).rows[0];
    /** Whether a failed change opens the connections again after this time. */
    const isOpenedAgain = async (later: number): Promise<boolean> => {
      skipped += later;
      const previous = await processId();
      const changing = server.transaction('org_acme', callOf(new AbortController()), (todos) =>
        todos.deleteFrom('todos').where('title', '=', 'none').execute(),
      );
      await expect(changing).rejects.toMatchObject({ trouble: 'read_only' });
      await pause(100); // The previous connections are closed.
      return JSON.stringify(await processId()) !== JSON.stringify(previous);
    };
    const outcomes: boolean[] = [];
    for (const later of [5_000, 5_000, 5_000, 15_000, 5_000]) outcomes.push(await isOpenedAgain(later));
    expect(outcomes).toEqual([true, false, true, false, true]);

    let end = (): void => undefined;
    const hold = new Promise<void>((resolve) => (end = resolve));
    let hasBegun = false;
    const holding = server.transaction('org_acme', callOf(new AbortController()), async (todos) => {
      await todos.selectFrom('todos').selectAll().execute();
      hasBegun = true;
      await hold;
    });
    await until(() => hasBegun);
    expect(await isOpenedAgain(300_000)).toBe(true);
    expect(await isOpenedAgain(300_000)).toBe(false);
    end();
    await holding;
    await pause(100);
    expect(await isOpenedAgain(0)).toBe(true);
    await postgres.run(`alter role ${role} reset default_transaction_read_only`, name);
  });

  it.each(['close', 'retire'] as const)(
    'are closed by %s only after the transactions on earlier connections',
    async (end) => {
      const server = connectTo(url, 2);
      let release = (): void => undefined;
      const hold = new Promise<void>((resolve) => (release = resolve));
      const ended: string[] = [];
      let hasBegun = false;
      const holding = server
        .transaction('org_acme', callOf(new AbortController()), async (todos) => {
          await todos.selectFrom('todos').selectAll().execute();
          hasBegun = true;
          await hold;
        })
        .then(() => ended.push('transaction'));
      await until(() => hasBegun);
      const now = performance.now.bind(performance);
      jest.spyOn(performance, 'now').mockImplementation(() => now() + 5_000);
      // Opens the connections again.
      const changing = server.transaction('org_acme', callOf(new AbortController()), () =>
        Promise.reject(Object.assign(new Error('read-only'), { severity: 'ERROR', code: '25006' })),
      );
      await expect(changing).rejects.toMatchObject({ trouble: 'read_only' });
      servers.splice(servers.indexOf(server), 1);
      const closing = server[end]().then(() => ended.push('server'));
      await pause(300);
      expect(ended).toEqual([]);
      release();
      await Promise.all([holding, closing]);
      expect(ended).toEqual(['transaction', 'server']);
    },
  );

  it('do not say that nothing happened when they are lost during a commit', async () => {
    await postgres.run(
      `create function wait() returns trigger language plpgsql as 'begin perform pg_sleep(30); return new; end';
       create constraint trigger wait after insert on todos deferrable initially deferred
         for each row execute function wait()`,
      name,
    );
    const server = connectTo(url, 1);
    const adding = server.transaction('org_acme', callOf(new AbortController()), (todos) =>
      todos.insertInto('todos').values({ title: 'x', created_by: 'x' }).execute(),
    );
    const outcome = adding.catch((error: unknown) => error);
    const end = `select pg_terminate_backend(pid) from pg_stat_activity
      where usename = '${name}_application' and wait_event = 'PgSleep'`;
    await until(async () => (await postgres.run(end)).length > 0);
    expect(await outcome).toBeInstanceOf(OutcomeUnknownError);
    await postgres.run('drop function wait() cascade', name);
  });

  it.each([
    ['commit', () => undefined],
    [
      'rollback',
      () => {
        throw GONE;
      },
    ],
  ])('run no query after the %s that has waited for another query', async (_end, end) => {
    const server = connectTo(url, 1);
    const late: Promise<string>[] = [];
    const work = server.transaction('org_acme', callOf(new AbortController()), async (todos) => {
      const run = (expression: RawBuilder<unknown>): Promise<string> =>
        todos
          .with('work', () => sql<{ done: unknown }>`(select ${expression} as done)`)
          .selectFrom('work')
          .selectAll()
          .execute()
          .then(
            () => 'ran',
            () => 'refused',
          );
      late.push(run(sql`pg_sleep(0.1)`), run(sql`pg_advisory_lock(43)`));
      await pause(20);
      end();
    });
    await work.catch(() => undefined);
    expect(await Promise.all(late)).toEqual(['ran', 'refused']);
    expect(await postgres.run(`select 1 from pg_locks where locktype = 'advisory'`, name)).toEqual([]);
  });

  it('keep no session state of earlier work', async () => {
    await postgres.run(
      `create role ${name}_other; grant ${name}_other to ${name}_application;
       grant temporary on database ${name} to ${name}_application;
       create sequence counter; grant usage on sequence counter to public`,
      name,
    );
    const server = connectTo(url, 1);
    const call = callOf(new AbortController());
    const look = (): Promise<unknown> =>
      server.transaction('org_acme', call, (todos) =>
        todos
          .with(
            'session',
            () =>
              sql<{ role: string; zone: string; locks: string; leftover: string | null }>`(select
              current_user::text as role,
              current_setting('TimeZone') as zone,
              (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
              to_regclass('pg_temp.leftover')::text as leftover)`,
          )
          .selectFrom('session')
          .selectAll()
          .executeTakeFirstOrThrow(),
      );
    const fresh = await look();
    await server.transaction('org_acme', call, async (todos) => {
      await todos
        .insertInto('todos')
        .values({ title: 'x', created_by: 'x' })
        .returning([
          sql`set_config('TimeZone', 'Asia/Kathmandu', false)`.as('zone'),
          sql`pg_advisory_lock(42)`.as('locked'),
          sql`nextval('public.counter')`.as('number'),
        ])
        .execute();
      const one = sql<number>`1`.as<'one'>(sql`one into temp leftover`);
      await todos.selectFrom('todos').select(one).execute();
      const role = sql`set_config('role', ${`${name}_other`}, false)`.as('role');
      await todos.deleteFrom('todos').returning(role).execute();
    });
    expect(await look()).toEqual(fresh);
    const number = server.transaction('org_acme', call, (todos) =>
      todos
        .with('last', () => sql<{ number: string }>`(select lastval() as number)`)
        .selectFrom('last')
        .selectAll()
        .execute(),
    );
    await expect(number).rejects.toThrow(/lastval is not yet defined/);
  });

  describe('for a single query', () => {
    const call = (): OwningCall => callOf(new AbortController());
    const titles = (server: DatabaseServer, organization: string): Promise<{ title: string }[]> =>
      server.read(organization, call(), (tables) => tables.selectFrom('todos').select('title'));
    const evaluate = (server: DatabaseServer, expression: RawBuilder<unknown>): Promise<unknown> =>
      server.read('org_acme', call(), (tables) =>
        tables.selectFrom(sql<{ x: unknown }>`(select ${expression} as x)`.as('result')).select('x'),
      );
    const add = (server: DatabaseServer, organization: string): Promise<unknown> =>
      server.transaction(organization, call(), (todos) =>
        todos
          .insertInto('todos')
          .values({ title: `secret of ${organization}`, created_by: 'x' })
          .execute(),
      );
    beforeAll(async () => {
      for (const organization of ['org_one', 'org_two']) await add(connectTo(url, 1), organization);
    });

    it('take one round trip, and show only the rows of the organization', async () => {
      const network = await startNetwork(Number(new URL(url).port));
      const target = new URL(url);
      target.port = String(network.port);
      const server = connectTo(target.href, 1);
      try {
        await titles(server, 'org_one');
        const before = network.sent;
        expect(await titles(server, 'org_one')).toEqual([{ title: 'secret of org_one' }]);
        expect(network.sent).toBe(before + 1);
        expect(await titles(server, 'org_two')).toEqual([{ title: 'secret of org_two' }]);
        expect(await titles(server, '')).toEqual([]);
      } finally {
        network.close();
      }
    });

    it('show the rows when the minute of the signature has passed', async () => {
      // A new key knows no minute yet.
      const server = new DatabaseServer(url, 1, await TenantKey.fromSecret(SECRET));
      servers.push(server);
      expect(await titles(server, 'org_one')).toEqual([{ title: 'secret of org_one' }]);
    });

    it('stay usable and keep no session state, also after an error', async () => {
      const server = connectTo(url, 1);
      const settings = sql`array[current_setting('TimeZone'), current_setting('role'),
        current_setting('transaction_read_only'),
        (select count(*)::text from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())]`;
      const processId = sql`pg_backend_pid()`;
      const fresh = [await evaluate(server, settings), await evaluate(server, processId)];
      const smuggled = sql`array[set_config('TimeZone', 'Asia/Kathmandu', false),
        set_config('role', 'none', false), pg_advisory_lock(42)::text]`;
      await evaluate(server, smuggled);
      await expect(evaluate(server, sql`1 / (length(${smuggled}::text) * 0)`)).rejects.toThrow(/by zero/);
      expect([await evaluate(server, settings), await evaluate(server, processId)]).toEqual(fresh);
      expect(await titles(server, 'org_two')).toEqual([{ title: 'secret of org_two' }]);
    });

    it('keep organizations apart with statements that the connection keeps prepared', async () => {
      const server = connectTo(url, 1);
      for (let round = 0; round < 12; round++) {
        const organization = round % 3 === 0 ? 'org_two' : 'org_one';
        expect(await titles(server, organization)).toEqual([{ title: `secret of ${organization}` }]);
        expect(await titles(server, '')).toEqual([]);
      }
      const prepared = sql`(select count(*)::int from pg_prepared_statements where name like 'aerie%')`;
      await evaluate(server, prepared);
      expect(await evaluate(server, prepared)).toEqual([{ x: 6 }]);
      for (let number = 0; number < 120; number++) await evaluate(server, sql`${sql.lit(number)}::int`);
      expect(await evaluate(server, prepared)).toEqual([{ x: 100 }]);
    });

    it('leave no setting of their transaction to the session, and run again if it has lost a prepared statement', async () => {
      const pool = openPool(url, 1);
      try {
        const client = await pool.connect();
        const read = async (): Promise<unknown[]> => {
          const query = compiled((tables) => tables.selectFrom('todos').select('title'));
          const lease = new Lease(client);
          const { rows } = await lease.read(key.entry('org_one', 60_000), query);
          expect(lease.running).toBeUndefined();
          return rows;
        };
        await titles(connectTo(url, 1), 'org_one'); // the key learns the minute
        const mine = [{ title: 'secret of org_one' }];
        expect([await read(), await read()]).toEqual([mine, mine]);
        const { rows } = await client.query(
          `select current_setting('aerie.organization', true) as organization,
             current_setting('aerie.signature', true) as signature, aerie.organization() as verified,
             current_setting('statement_timeout') as timeout, current_setting('transaction_read_only') as reading,
             (select count(*)::int from pg_settings where source = 'session') as changed`,
        );
        expect(rows).toEqual([
          { organization: '', signature: '', verified: null, timeout: '0', reading: 'off', changed: 0 },
        ]);
        await client.query('deallocate all');
        expect(await read()).toEqual(mine);
        client.release(true);
      } finally {
        await pool.end();
      }
    });

    it('run again if a table has changed since its statement was prepared', async () => {
      const server = connectTo(url, 1);
      const open = (): Promise<unknown> =>
        server.read('org_one', call(), (tables) => tables.selectFrom('todos').selectAll().limit(0));
      await open();
      await open();
      await postgres.run('alter table todos add column added text', name);
      expect(await open()).toEqual([]);
      await postgres.run('alter table todos drop column added', name);
    });

    it('run again if the type of a parameter has changed since their statement was prepared', async () => {
      await postgres.run(
        `create type color as enum ('red');
         create table changing (value int); insert into changing values (1); grant select on changing to public`,
        name,
      );
      const server = connectTo(url, 1);
      const countOf = (value: string): Promise<unknown> =>
        server.read('org_one', call(), (tables) =>
          tables
            .selectFrom(sql<{ value: string }>`public.changing`.as('changing'))
            .select(sql<number>`count(*)::int`.as('count'))
            .where('value', '=', value),
        );
      await countOf('1');
      for (const [type, value] of [
        ['bigint', '3000000000'],
        ['text', 'red'],
        ['color', 'red'],
        ['text', 'green'],
      ] as const) {
        await postgres.run(
          `alter table changing alter value type ${type} using '${value}'::text::${type}`,
          name,
        );
        if (value === 'green') await postgres.run('drop type color', name);
        expect(await countOf(value)).toEqual([{ count: 1 }]);
        expect(await countOf(value)).toEqual([{ count: 1 }]);
      }
      const prepared = sql`(select count(*)::int from pg_prepared_statements where statement like '%changing%')`;
      expect(await evaluate(server, prepared)).toEqual([{ x: 2 }]);
    });

    it('end by the timeout of their statements when nobody cancels them', async () => {
      const server = connectTo(url, 1);
      const nap = (): Promise<unknown> =>
        server.read('org_acme', callOf(new AbortController(), 0), (tables) =>
          tables.selectFrom(sql<{ x: unknown }>`(select pg_sleep(30) as x)`.as('nap')).select('x'),
        );
      await expect(nap()).rejects.toThrow(/statement timeout/);
      await titles(server, 'org_one');
      await expect(nap()).rejects.toThrow(/statement timeout/);
    }, 8_000);

    it('use another connection when theirs is lost while nobody uses it', async () => {
      const server = connectTo(url, 1);
      const processId = sql`pg_backend_pid()`;
      const first = await evaluate(server, processId);
      await postgres.run(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${name}_application'`,
      );
      await pause(100);
      expect(await evaluate(server, processId)).not.toEqual(first);
    });

    it('serve more calls than there are connections', async () => {
      const server = connectTo(url, 2);
      for (let round = 0; round < 5; round++) {
        const all = await Promise.all(Array.from({ length: 20 }, () => titles(server, 'org_one')));
        expect(new Set(all.map((rows) => JSON.stringify(rows)))).toEqual(
          new Set(['[{"title":"secret of org_one"}]']),
        );
      }
    });

    it('change nothing', async () => {
      const server = connectTo(url, 1);
      await postgres.run('create sequence numbers; grant usage on sequence numbers to public', name);
      await expect(evaluate(server, sql`nextval('public.numbers')`)).rejects.toThrow(/cannot change/);
      const unlock = sql`set_config('transaction_read_only', 'off', true)`;
      await expect(evaluate(server, unlock)).rejects.toThrow(/read-write mode/);
      expect(await titles(server, 'org_one')).toHaveLength(1);
    });

    it.each([
      ['new', false],
      ['known', true],
    ])(
      'stop running it when the caller disconnects, on a %s connection',
      async (_what, isKnown) => {
        const server = connectTo(url, 1);
        if (isKnown) await titles(server, 'org_one');
        const controller = new AbortController();
        setTimeout(() => controller.abort(GONE), 100);
        const asleep = server.read('org_acme', callOf(controller), (tables) =>
          tables.selectFrom(sql<{ x: unknown }>`(select pg_sleep(30) as x)`.as('nap')).select('x'),
        );
        await expect(asleep).rejects.toThrow(GONE);
        expect(await titles(server, 'org_one')).toHaveLength(1);
      },
      5_000,
    );
  });

  it('are not canceled for an earlier transaction of the same process, which a pooler can give to another client', async () => {
    const server = connectTo(url, 1);
    const control = openPool(url, 1);
    const ended = new AbortController();
    let isDestroyed = false;
    try {
      const nap = server.read('org_acme', callOf(new AbortController()), (tables) =>
        tables
          .selectFrom(sql<{ id: number }>`(select pg_backend_pid() as id, pg_sleep(0.5))`.as('nap'))
          .select('id'),
      );
      const find = `select pid from pg_stat_activity where query like '%pg_sleep(0.5)%' and state = 'active' and pid <> pg_backend_pid()`;
      let processId = 0;
      while (processId === 0) processId = (await control.query<{ pid: number }>(find)).rows[0]?.pid ?? 0;
      const running = { minute: 0, processId, beganAt: '2026-01-01 00:00:00+00' };
      const cancelling = cancel({ running, destroy: () => (isDestroyed = true) }, control, ended.signal);
      expect(await nap).toEqual([{ id: processId }]);
      ended.abort();
      await cancelling;
      expect(isDestroyed).toBe(false);
    } finally {
      await control.end();
    }
  });

  it('stop running a statement when its caller disconnects, at any moment', async () => {
    const server = connectTo(url, 8);
    const late: number[] = [];
    const goAway = async (): Promise<void> => {
      const controller = new AbortController();
      const start = performance.now();
      const left = server.transaction('org_acme', callOf(controller, 4_000), (todos) => {
        setTimeout(() => controller.abort(GONE), Math.random() * 3);
        const asleep = sql<SqlBool>`pg_sleep(30) is not null`;
        return todos
          .with('nap', () => sql<{ x: number }>`(select 1 as x where ${asleep})`)
          .selectFrom('nap')
          .select('x')
          .execute();
      });
      await expect(left).rejects.toThrow(GONE);
      const took = performance.now() - start;
      if (took > 2_000) late.push(took);
    };
    for (let round = 0; round < 40; round++) await Promise.all(Array.from({ length: 8 }, goAway));
    expect(late).toEqual([]);
    expect(await list(server)).toEqual([]);
  }, 60_000);

  it('are replaced when they fall silent, such as after an unannounced failover', async () => {
    const network = await startNetwork(Number(new URL(url).port));
    const target = new URL(url);
    target.port = String(network.port);
    const server = connectTo(target.href, 1);
    try {
      await Promise.all([list(server), server.look(), server.look()]);
      await pause(100); // The pool has it back.
      network.fallSilent();
      await expect(list(server, 500)).rejects.toThrow(GONE);
      expect(await list(server)).toEqual([]);
      // The two connections that check and cancel may not have noticed yet.
      const look = (): Promise<boolean> => server.look();
      await look().catch(look).catch(look);
    } finally {
      network.close();
    }
  }, 30_000);
});
