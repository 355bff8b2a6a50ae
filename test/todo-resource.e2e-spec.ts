import { type Aerie, startAerie } from './support/aerie.js';
import { Listener } from './support/listener.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { ERAS, postModern, resultIn, toolCall } from './support/rpc.js';

interface Todo {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
}

interface Reply {
  readonly result: {
    readonly contents: [{ readonly text: string }];
    readonly resources: { readonly uri: string; readonly name: string }[];
    readonly resourceTemplates: { readonly uriTemplate: string }[];
    readonly completion: { readonly values: string[] };
    readonly structuredContent: Todo;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: object };
}

const TEMPLATE = 'todo://{id}';
const NOWHERE = 'todo://3b241101-e2bb-4255-8caf-4136c566a962';

describe('todos as resources', () => {
  let postgres: PostgresServer;
  let aerie: Aerie;
  let tokens: Record<'acme' | 'globex' | 'unscoped', string>;
  beforeAll(async () => {
    postgres = await startPostgres(); // starts in a quarter of the time that PGlite takes
    const { application, owner } = await postgres.createDatabase();
    aerie = await startAerie({ environment: { DATABASE_URL: application, DATABASE_MIGRATION_URL: owner } });
    const tokenOf = (oid: string, scope = 'todo:read todo:write'): Promise<string> =>
      aerie.token({ scope, claims: { oid } });
    tokens = {
      acme: await tokenOf('org_acme'),
      globex: await tokenOf('org_globex'),
      unscoped: await tokenOf('org_acme', 'usr:read'),
    };
  });
  afterAll(async () => {
    await aerie?.close();
    await postgres?.remove();
  });

  const call = async (who: 'acme' | 'globex', name: string, args: object): Promise<Todo> => {
    const response = await postModern(aerie.url, tokens[who], toolCall(name, args));
    return (await resultIn<Reply['result']>(response)).structuredContent;
  };
  const uriOf = ({ id }: Todo): string => `todo://${id}`;

  describe.each(ERAS)('in %s', (_era, send) => {
    const ask = async (
      who: keyof typeof tokens,
      method: string,
      params: Record<string, unknown> = {},
    ): Promise<Reply> => {
      const { uri } = params;
      const headers: Record<string, string> = typeof uri === 'string' ? { 'mcp-name': uri } : {};
      const response = await send(aerie.url, tokens[who], { method, params }, headers);
      return (await response.json()) as Reply;
    };
    const complete = async (who: keyof typeof tokens, value: string): Promise<string[]> => {
      const ref = { type: 'ref/resource', uri: TEMPLATE };
      const { result } = await ask(who, 'completion/complete', { ref, argument: { name: 'id', value } });
      return result.completion.values;
    };

    it('can be read by members of their organization, and are not found by others', async () => {
      const todo = await call('acme', 'add_todo', { title: 'Write the report' });
      const { result } = await ask('acme', 'resources/read', { uri: uriOf(todo) });
      expect(result.contents).toEqual([
        { uri: uriOf(todo), mimeType: 'application/json', text: expect.any(String) },
      ]);
      expect(JSON.parse(result.contents[0].text)).toEqual(todo);
      const unknown = [];
      for (const uri of [uriOf(todo), NOWHERE, 'todo://x']) {
        const { error } = await ask('globex', 'resources/read', { uri });
        unknown.push({ ...error, message: error?.message.replace(uri, ''), data: error?.data });
      }
      expect(unknown).toMatchObject([{ data: { uri: uriOf(todo) } }, { data: { uri: NOWHERE } }, {}]);
      expect(new Set(unknown.map(({ code }) => code)).size).toBe(1);
      expect(new Set(unknown.map(({ message }) => message)).size).toBe(1);
    });

    it('are listed and completed only for their organization', async () => {
      const [ours, theirs] = [
        await call('acme', 'add_todo', { title: 'Ours' }),
        await call('globex', 'add_todo', { title: 'Theirs' }),
      ];
      const listed = async (who: keyof typeof tokens): Promise<string[]> =>
        (await ask(who, 'resources/list')).result.resources.map(({ uri }) => uri);
      expect(await listed('acme')).toContain(uriOf(ours));
      expect(await listed('acme')).not.toContain(uriOf(theirs));
      expect(await listed('globex')).toContain(uriOf(theirs));
      expect(await listed('unscoped')).toEqual([]);
      const { result } = await ask('acme', 'resources/templates/list');
      expect(result.resourceTemplates).toMatchObject([{ uriTemplate: TEMPLATE }]);

      const start = ours.id.slice(0, 8);
      expect(await complete('acme', start)).toContain(ours.id);
      expect(await complete('acme', start.toUpperCase())).toContain(ours.id);
      expect(await complete('acme', '')).toContain(ours.id);
      expect(await complete('acme', '')).not.toContain(theirs.id);
      expect(await complete('globex', ours.id)).toEqual([]);
      expect(await complete('acme', '%')).toEqual([]);
    });
  });

  it('notify their organization when they are created, changed and deleted', async () => {
    const todo = await call('acme', 'add_todo', { title: 'Watched' });
    const filter = { resourceSubscriptions: [uriOf(todo)], resourcesListChanged: true };
    const [ours, theirs] = [
      await Listener.open(aerie.url, tokens.acme, filter),
      await Listener.open(aerie.url, tokens.globex, filter),
    ];
    await call('globex', 'complete_todo', { id: todo.id });
    await call('acme', 'complete_todo', { id: todo.id });
    await ours.heard(2);
    await call('acme', 'add_todo', { title: 'Another' });
    await ours.heard(3);
    await call('acme', 'delete_todo', { id: todo.id });
    await ours.heard(5);
    const updated = `notifications/resources/updated ${uriOf(todo)}`;
    const listChanged = 'notifications/resources/list_changed';
    expect(ours.events).toEqual([updated, listChanged, updated, listChanged]);
    expect(theirs.events).toEqual([]);
  });
});
