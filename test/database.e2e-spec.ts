import { existsSync } from 'node:fs';

import { CLIENTS, connectWithToken } from './support/clients.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { FAULTY_QUERY_NAMES, FaultyToolsModule } from './support/faulty.tools.js';
import { ISOLATION_CALLS } from './support/isolation-calls.js';
import { LedgerToolsModule } from './support/ledger.tools.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { IDEMPOTENCY_KEY } from '../src/mcp/context/idempotency-key.js';
import { prepareDatabase } from './support/prepared-database.js';
import { message, post, resultIn } from './support/rpc.js';

const subjects = { acme: 'usr_alice', globex: 'usr_bob' };

interface Todo {
  id: string;
  title: string;
  done: boolean;
  createdBy: string;
  completedAt: string | null;
}

describe.each(['PGlite', 'PostgreSQL'])('todos in %s', (kind) => {
  let server: PostgresServer | undefined;
  let aerie: Aerie;
  let tokens: Record<'acme' | 'globex', string>;

  beforeAll(async () => {
    if (kind === 'PostgreSQL') server = await startPostgres();
    const database = await server?.createDatabase();
    aerie = await startAerie({
      modules: [FaultyToolsModule, LedgerToolsModule],
      environment: database && { DATABASE_URL: database.application, DATABASE_MIGRATION_URL: database.owner },
    });
    const scope = 'usr:read todo:read todo:write';
    tokens = {
      acme: await aerie.token({ scope, claims: { sub: subjects.acme, oid: 'org_acme' } }),
      globex: await aerie.token({ scope, claims: { sub: subjects.globex, oid: 'org_globex' } }),
    };
  });
  afterAll(async () => {
    await aerie?.close();
    await server?.remove();
  });

  const call = async (
    who: 'acme' | 'globex',
    name: string,
    args: object = {},
    key?: unknown,
  ): Promise<{ text: string; isError: boolean; data: unknown }> => {
    const response = await post(
      aerie.url,
      tokens[who],
      message({
        method: 'tools/call',
        params: { name, arguments: args, ...(key !== undefined && { _meta: { [IDEMPOTENCY_KEY]: key } }) },
        id: 1,
      }),
    );
    const {
      content: [{ text }],
      isError = false,
      structuredContent: data = null,
    } = await resultIn<{ content: [{ text: string }]; isError?: boolean; structuredContent?: unknown }>(
      response,
    );
    return { text, isError, data };
  };
  const add = async (who: 'acme' | 'globex', title: string): Promise<Todo> =>
    (await call(who, 'add_todo', { title })).data as Todo;
  const list = async (who: 'acme' | 'globex', page: object = {}): Promise<Todo[]> =>
    ((await call(who, 'list_todos', { status: 'all', limit: 100, ...page })).data as { todos: Todo[] }).todos;

  it('starts the embedded database with the first call that needs it', async () => {
    const folder = `${aerie.stateDirectory}/database`;
    if (kind === 'PGlite') await prepareDatabase(folder);
    const isOpen = (): boolean => existsSync(`${folder}.lock`);
    expect(isOpen()).toBe(false);
    await call('acme', 'greet_user', { name: 'x' });
    expect(isOpen()).toBe(false);
    expect(await list('acme')).toEqual([]);
    expect(isOpen()).toBe(kind === 'PGlite');
  });

  it.each(CLIENTS)('serves the official client %s', async (...client) => {
    const connected = await connectWithToken(client, aerie.url, tokens.acme);
    try {
      const run = async (name: string, args: Record<string, unknown>): Promise<unknown> =>
        ((await connected.callTool({ name, arguments: args })) as { structuredContent: unknown })
          .structuredContent;
      const { id } = (await run('add_todo', { title: 'Write the report' })) as Todo;
      expect(await run('list_todos', {})).toMatchObject({ todos: [{ id, done: false }] });
      const done = await run('complete_todo', { id });
      expect(done).toMatchObject({ id, done: true, completedAt: expect.stringMatching(/Z$/) });
      expect(await run('complete_todo', { id })).toEqual(done);
      expect(await run('list_todos', {})).toEqual({ todos: [] });
      expect(await run('list_todos', { status: 'done' })).toEqual({ todos: [done] });
      expect(await run('delete_todo', { id })).toEqual(done);
      expect(await run('list_todos', { status: 'all' })).toEqual({ todos: [] });
    } finally {
      await connected.close();
    }
  });

  it('tells models how to fix unknown ids, cursors and titles', async () => {
    const id = '3b241101-e2bb-4255-8caf-4136c566a962';
    for (const tool of ['complete_todo', 'delete_todo']) {
      const answer = await call('acme', tool, { id });
      expect(answer).toMatchObject({
        isError: true,
        text: expect.stringContaining(`todo ${id} does not exist`),
      });
    }
    for (const [tool, args, text] of [
      ['list_todos', { cursor: 'x' }, /^Invalid cursor\. Use nextCursor/],
      ['list_todos', { limit: 101 }, /limit/],
      ['add_todo', { title: '  ' }, /title/],
      ['add_todo', { title: 'x'.repeat(201) }, /title/],
      ['add_todo', { title: 'a\nb' }, /one line/],
      ['add_todo', { title: 'a\u0000b' }, /one line/],
      ['delete_todo', { id: 'x' }, /id/],
    ] as const) {
      expect(await call('acme', tool, args)).toMatchObject({
        isError: true,
        text: expect.stringMatching(text),
      });
    }
    expect(await list('acme')).toEqual([]);
  });

  describe('with an idempotency key', () => {
    const KEY = 'a2f9f3a4-9c53-4a3e-9a7e-0d2f5a9d3c11';
    afterEach(async () => {
      for (const { id } of await list('acme')) await call('acme', 'delete_todo', { id });
      for (const { id } of await list('globex')) await call('globex', 'delete_todo', { id });
    });

    it('return the first outcome to every retry, also to those at the same time', async () => {
      const retry = (): ReturnType<typeof call> => call('acme', 'add_todo', { title: 'once' }, KEY);
      const others = await Promise.all(Array.from({ length: 5 }, retry));
      const first = await retry();
      for (const other of others) expect(other).toEqual(first);
      expect(first.data).toMatchObject({ title: 'once' });
      expect(await list('acme')).toEqual([first.data]);
      const { id } = first.data as Todo;
      const deleted = await call('acme', 'delete_todo', { id }, `${KEY}-delete`);
      expect(await call('acme', 'delete_todo', { id }, `${KEY}-delete`)).toEqual(deleted);
      expect(deleted.data).toEqual(first.data);
      expect(await call('acme', 'delete_todo', { id })).toMatchObject({ isError: true });
    });

    it('do not mix up callers, calls or arguments', async () => {
      const mine = await call('acme', 'add_todo', { title: 'mine' }, 'shared');
      const theirs = await call('globex', 'add_todo', { title: 'mine' }, 'shared');
      expect(theirs).toMatchObject({ isError: false });
      expect(theirs.data).not.toEqual(mine.data);
      for (const [tool, args] of [
        ['add_todo', { title: 'another' }],
        ['delete_todo', { id: (mine.data as Todo).id }],
      ] as const) {
        expect(await call('acme', tool, args, 'shared')).toMatchObject({
          isError: true,
          text: 'The idempotency key belongs to another call. Use a new key for each new call.',
        });
      }
      expect(await list('acme')).toEqual([mine.data]);
    });

    it.each(['', 7, 'x'.repeat(256), 'a\0b'])('refuse the invalid key %j', async (key) => {
      const refused = await call('acme', 'add_todo', { title: 'x' }, key);
      expect(refused).toMatchObject({
        isError: true,
        text: '_meta["aerie/idempotency-key"] must be a text of 1 to 255 characters.',
      });
      expect(await list('acme')).toEqual([]);
    });
  });

  it('lists page by page, each todo once', async () => {
    const added = await Promise.all(Array.from({ length: 25 }, (_, index) => add('acme', `todo ${index}`)));
    const seen: Todo[] = [];
    let cursor: string | undefined;
    do {
      const { data } = await call('acme', 'list_todos', { limit: 7, ...(cursor && { cursor }) });
      const page = data as { todos: Todo[]; nextCursor?: string };
      seen.push(...page.todos);
      cursor = page.nextCursor;
    } while (cursor);
    const ids = (todos: Todo[]): string[] => todos.map((todo) => todo.id).toSorted();
    expect(ids(seen)).toEqual(ids(added));
    for (const { id } of seen) await call('acme', 'delete_todo', { id });
  });

  it('prevents faulty queries from reading or changing other organizations’ rows', async () => {
    for (const query of FAULTY_QUERY_NAMES) {
      // PGlite's login is a superuser, to which SQL can switch back: see docs/database.md.
      if (kind === 'PGlite' && query.includes('another role')) continue;
      const foreign = await add('acme', 'secret of Acme');
      const own = await add('globex', 'own of Globex');
      const before = await list('acme');
      const answer = await call('globex', 'faulty', { query, organization: 'org_acme', id: foreign.id });
      expect({ query, text: answer.text }).toEqual({ query, text: expect.not.stringContaining('Acme') });
      expect({ query, text: answer.text }).toEqual({ query, text: expect.not.stringContaining(foreign.id) });
      expect({ query, rows: await list('acme') }).toEqual({ query, rows: before });
      if (query === 'select without where') expect(answer.text).toContain(own.id);
      if (query === 'count') expect(answer.text).toContain('"count":"1"}');
      if (/insert|gives a row away|several|keys/.test(query)) expect(answer).toMatchObject({ isError: true });
      for (const { id } of await list('globex')) await call('globex', 'delete_todo', { id });
    }
    for (const { id } of await list('acme')) await call('acme', 'delete_todo', { id });
  });

  // PGlite has one connection, so transactions never interleave there.
  const CALLS = kind === 'PGlite' ? 1_000 : ISOLATION_CALLS;

  it(`keeps ${CALLS} interleaved calls of two organizations apart, through durable, request-scoped and database providers`, async () => {
    for (let index = 0; index < 5; index++) {
      await add('acme', `of Acme ${index}`);
      await add('globex', `of Globex ${index}`);
    }
    const random = (most: number): number => Math.floor(Math.random() * most);
    // PGlite has one connection, so a wait inside a transaction blocks all other transactions.
    const delays = (): number[] => [random(8), random(kind === 'PGlite' ? 2 : 8), random(8)];
    const calls = Array.from({ length: CALLS }, (_, index) => index).values();
    const wrong: unknown[] = [];
    let answers = 0;
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (const index of calls) {
          const who = Math.random() < 0.5 ? 'acme' : 'globex';
          const { data } = await call(who, 'enter', { title: `${index}`, delays: delays() });
          answers++;
          const [subject, organization] = [subjects[who], `org_${who}`];
          const expected = {
            subject,
            subjects: [subject],
            organizations: Array.from({ length: 4 }, () => organization),
            authors: [subject],
            added: 1,
            deleted: 1,
          };
          if (JSON.stringify(data) !== JSON.stringify(expected)) wrong.push({ index, who, data });
        }
      }),
    );
    expect(answers).toBe(CALLS);
    expect(wrong.slice(0, 3)).toEqual([]);
    for (const who of ['acme', 'globex'] as const) expect(await list(who)).toHaveLength(5);
  }, 600_000);
});
