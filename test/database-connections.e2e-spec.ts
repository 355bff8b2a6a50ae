import { type SqlBool, sql } from 'kysely';

import { PostgresServer as DatabaseServer } from '../src/database/postgres-server.js';
import { prepareServer } from '../src/database/prepare-server.js';
import { TenantKey } from '../src/database/tenant-key.js';
import type { OwningCall } from '../src/database/unit-of-work.js';
import { startNetwork } from './support/network.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const GONE = new Error('gone');
const KEY = TenantKey.random();
const callOf = (controller: AbortController, timeLeft = 60_000): OwningCall => ({
  signal: controller.signal,
  deadline: performance.now() + timeLeft,
});

describe('the connections to a PostgreSQL server', () => {
  let postgres: PostgresServer;
  let url: string;
  let name: string;
  const servers: DatabaseServer[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    const database = await postgres.createDatabase();
    ({ name, application: url } = database);
    await prepareServer(connectTo(url, 1).control, database.owner, KEY);
  });
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
  afterAll(() => postgres?.remove());

  const connectTo = (target: string, poolSize: number): DatabaseServer => {
    const server = new DatabaseServer(target, poolSize, KEY);
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
      const look = (): Promise<void> => server.look();
      await look().catch(look).catch(look);
    } finally {
      network.close();
    }
  }, 30_000);
});
