import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type RawBuilder, sql } from 'kysely';

import type { DatabaseServer } from '../src/database/database-server.js';
import { EmbeddedServer } from '../src/database/embedded-server.js';
import { PostgresServer as RemoteServer } from '../src/database/postgres-server.js';
import { prepareServer } from '../src/database/prepare-server.js';
import { TenantKey } from '../src/database/tenant-key.js';
import type { OwningCall } from '../src/database/unit-of-work.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { prepareDatabase } from './support/prepared-database.js';

const call = (): OwningCall => ({
  signal: new AbortController().signal,
  deadline: performance.now() + 60_000,
});
const tableOf = (value: RawBuilder<unknown>) => sql<{ value: unknown }>`(select ${value} as value)`.as('it');
/** Reads a value in `read` and in `transaction`. An error of the database stands for itself. */
const valuesOf = (server: DatabaseServer, value: RawBuilder<unknown>): Promise<unknown[]> =>
  Promise.all(
    [
      () => server.read('org_acme', call(), (tables) => tables.selectFrom(tableOf(value)).selectAll()),
      () =>
        server.transaction('org_acme', call(), (tables) =>
          tables.selectFrom(tableOf(value)).selectAll().execute(),
        ),
    ].map((run) => run().catch(({ message }: Error) => message)),
  );

describe('the embedded database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aerie-embedded-'));
  let postgres: PostgresServer;
  let remote: RemoteServer;
  let embedded: EmbeddedServer;
  beforeAll(async () => {
    postgres = await startPostgres();
    const database = await postgres.createDatabase();
    const key = TenantKey.random();
    remote = new RemoteServer(database.application, 2, key);
    await prepareServer(remote.control, database.owner, key);
    await prepareDatabase(join(folder, 'database'));
    embedded = await EmbeddedServer.open(join(folder, 'database'), () => undefined);
    // Starts both servers.
  }, 120_000);
  afterAll(async () => {
    await embedded?.close();
    await remote?.close();
    await postgres?.remove();
    rmSync(folder, { recursive: true });
  });

  it.each<[string, RawBuilder<unknown>]>([
    ['a count', sql`(select count(*) from todos)`],
    ['a small number', sql`7::int`],
    ['a large number', sql`9007199254740993::bigint`],
    ['a decimal', sql`1.50::numeric`],
    ['a fraction', sql`0.1::float8`],
    ['a date', sql`date '2026-03-29'`],
    ['a local time', sql`timestamp '2026-03-29 10:20:30.456'`],
    ['a time', sql`timestamptz '2026-03-29 10:20:30.456+00'`],
    ['no end', sql`timestamptz 'infinity'`],
    ['a duration', sql`interval '1 day 02:03:04'`],
    ['bytes', sql`'\\x00ff'::bytea`],
    ['a truth', sql`true`],
    ['nothing', sql`null::int`],
    ['JSON', sql`'{"a": [1, "x", null]}'::jsonb`],
    ['a UUID', sql`'3b241101-e2bb-4255-8caf-4136c566a962'::uuid`],
    ['a point', sql`point(1, 2)`],
    ['texts', sql`array['a', null, 'b"c']`],
    ['large numbers', sql`array[1, 2]::bigint[]`],
    ['decimals', sql`array[1.5]::numeric[]`],
    ['dates', sql`array[date '2026-03-29']`],
    ['rows of numbers', sql`array[[1, 2], [3, 4]]`],
    ['the parameter of a date', sql`${new Date(2026, 2, 29)}::date`],
    ['the parameter of a time', sql`${new Date(1_774_779_630_456)}::timestamptz`],
    ['the parameter of bytes', sql`${Buffer.from([0, 255])}::bytea`],
    ['the parameter of a large number', sql`${9_007_199_254_740_993n}::bigint`],
    ['the parameter of texts', sql`${['a', 'b,"c']}::text[]`],
    ['the parameter of an object', sql`${{ a: [1, 'x'] }}::jsonb`],
    ['the parameter of an array as JSON', sql`${[1, 2]}::jsonb`],
    ['the parameter of a truth', sql`${true}::boolean`],
    ['the parameter of a truth as text', sql`${true}::text`],
    ['the parameter of a number as text', sql`${7}::text`],
    ['the parameter of nothing', sql`${undefined}::text`],
  ])('handles %s like a PostgreSQL server', async (_what, value) => {
    expect(await valuesOf(embedded, value)).toStrictEqual(await valuesOf(remote, value));
  });

  it('changes nothing in a query that only reads, like a PostgreSQL server', async () => {
    for (const server of [remote, embedded]) {
      const planting = server.read('org_acme', call(), (tables) =>
        tables.selectFrom('todos').select('id').forUpdate(),
      );
      await expect(planting).rejects.toThrow('A query of read() cannot change anything. Use transaction().');
      await server.transaction('org_acme', call(), (tables) =>
        tables.insertInto('todos').values({ title: 'one', created_by: 'x' }).execute(),
      );
    }
  });
});
