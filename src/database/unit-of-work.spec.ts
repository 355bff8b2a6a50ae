import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';

import { prepareDatabase } from '../../test/support/prepared-database.js';
import { EmbeddedServer } from './embedded-server.js';
import { once } from './once.js';
import type { OrganizationTransaction } from './organization-transaction.js';

describe('a unit of work', () => {
  let folder: string;
  let server: EmbeddedServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aerie-embedded-'));
    await prepareDatabase(join(folder, 'database'));
    server = await EmbeddedServer.open(join(folder, 'database'), () => {});
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  const call = (): { signal: AbortSignal; deadline: number; controller: AbortController } => {
    const controller = new AbortController();
    return { controller, signal: controller.signal, deadline: performance.now() + 10_000 };
  };
  const add = (todos: OrganizationTransaction, title: string): Promise<unknown> =>
    todos.insertInto('todos').values({ title, created_by: 'usr_1' }).execute();
  const titles = async (organization: string): Promise<string[]> => {
    const rows = await server.transaction(organization, call(), (todos) =>
      todos.selectFrom('todos').select('title').orderBy('title').execute(),
    );
    return rows.map(({ title }) => title);
  };

  it('is atomic', async () => {
    await server.transaction('org_whole', call(), async (todos) => {
      await add(todos, 'one');
      await add(todos, 'two');
    });
    const failing = server.transaction('org_whole', call(), async (todos) => {
      await add(todos, 'three');
      throw new Error('half-way');
    });
    await expect(failing).rejects.toThrow('half-way');
    expect(await titles('org_whole')).toEqual(['one', 'two']);
  });

  it('runs once for each idempotency key although the clock of this instance is a day ahead', async () => {
    const tomorrow = Date.now() + 25 * 3_600_000;
    jest.spyOn(Date, 'now').mockReturnValue(tomorrow);
    let runs = 0;
    const work = once({ caller: 'c', key: 'k', request: {} }, () => Promise.resolve(++runs));
    const outcomes = [
      await server.transaction('org_once', call(), work),
      await server.transaction('org_once', call(), work),
    ];
    expect(outcomes).toEqual([1, 1]);
  });

  it('fails if it swallows an error of the database', async () => {
    const swallowing = server.transaction('org_swallow', call(), async (todos) => {
      await add(todos, 'one');
      await add(todos, '').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow(/rolled back/);
    expect(await titles('org_swallow')).toEqual([]);
  });

  it('ends with the signal: refuses later statements and rolls back', async () => {
    const ended = call();
    const reasons: unknown[] = [];
    let settled: () => void = () => undefined;
    const afterwards = new Promise<void>((resolve) => (settled = resolve));
    const work = server.transaction('org_ended', ended, async (todos) => {
      await add(todos, 'one');
      ended.controller.abort(new Error('over'));
      await add(todos, 'two').catch((error: Error) => reasons.push(error.message));
      settled();
    });
    await expect(work).rejects.toThrow('over');
    await afterwards;
    expect(reasons).toEqual(['over']);
    expect(await titles('org_ended')).toEqual([]);
    await expect(server.transaction('org_ended', ended, (todos) => add(todos, 'x'))).rejects.toThrow('over');
  });

  it('does not wait for work that continues after the signal, so the next unit can run', async () => {
    const ended = call();
    const work = server.transaction('org_stuck', ended, async (todos) => {
      await add(todos, 'one');
      ended.controller.abort(new Error('over'));
      await new Promise(() => undefined);
    });
    await expect(work).rejects.toThrow('over');
    expect(await titles('org_stuck')).toEqual([]);
  });

  it('refuses queries after its end, even ones that were not awaited', async () => {
    await server.transaction('org_secretive', call(), (todos) => add(todos, 'secret'));
    let seen: Promise<string> | undefined;
    await server.transaction('org_careless', call(), async (todos) => {
      // The commit is already on its way when the second begins.
      const first = todos.selectFrom('todos').select('id').execute();
      seen = first.then(() => todos.selectFrom('todos').selectAll().execute()).then(JSON.stringify, String);
    });
    expect(await seen).toContain('has ended');
  });

  it('cannot run raw statements, and its transaction is unusable afterwards', async () => {
    let escaped: OrganizationTransaction | undefined;
    await server.transaction('org_escape', call(), async (todos) => {
      escaped = todos;
      expect(Object.keys(todos).toSorted()).toEqual([
        'deleteFrom',
        'insertInto',
        'selectFrom',
        'updateTable',
        'with',
      ]);
      await expect(sql`select 1`.execute(todos as never)).rejects.toThrow(/getExecutor/);
    });
    await expect(escaped?.selectFrom('todos').selectAll().execute()).rejects.toThrow(/has ended/);
  });

  it('without an organization sees no rows and adds none', async () => {
    await server.transaction('org_somebody', call(), (todos) => add(todos, 'one'));
    expect(await titles('')).toEqual([]);
    await expect(server.transaction('', call(), (todos) => add(todos, 'two'))).rejects.toThrow(
      /row-level security/,
    );
  });

  it('does not run SQL in the name of an organization', async () => {
    const name = `x', true); drop table todos; --"`;
    await server.transaction(name, call(), (todos) => add(todos, 'quoted'));
    expect(await titles(name)).toEqual(['quoted']);
    expect(await titles('org_whole')).toEqual(['one', 'two']);
  });
});
