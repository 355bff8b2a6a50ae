import { ProtocolError } from '@modelcontextprotocol/client';

import type { TestClient } from '../src/testing/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { Listener } from './support/listener.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';

interface Todo {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
}

const TEMPLATE = 'todo://{id}';
const NOWHERE = 'todo://3b241101-e2bb-4255-8caf-4136c566a962';

describe('todos as resources', () => {
  let postgres: PostgresServer;
  let aerie: Aerie;
  beforeAll(async () => {
    postgres = await startPostgres(); // starts in a quarter of the time that PGlite takes
    const { application, owner } = await postgres.createDatabase();
    aerie = await startAerie({ environment: { DATABASE_URL: application, DATABASE_MIGRATION_URL: owner } });
  });
  afterAll(async () => {
    await aerie?.close();
    await postgres?.remove();
  });

  const CALLERS = {
    acme: { organization: 'org_acme', scopes: ['todo:read', 'todo:write'] },
    globex: { organization: 'org_globex', scopes: ['todo:read', 'todo:write'] },
    unscoped: { organization: 'org_acme', scopes: ['usr:read'] },
  };
  const call = async (
    who: keyof typeof CALLERS,
    name: string,
    args: Record<string, unknown>,
  ): Promise<Todo> => (await aerie.as(CALLERS[who]).callTool(name, args)).structuredContent as Todo;
  const uriOf = ({ id }: Todo): string => `todo://${id}`;

  describe.each(['modern', 'legacy'] as const)('in the %s era', (era) => {
    const as = (who: keyof typeof CALLERS): TestClient => aerie.as(CALLERS[who], { era });
    const complete = async (who: keyof typeof CALLERS, value: string): Promise<string[]> => {
      const client = await as(who).sdk();
      const ref = { type: 'ref/resource', uri: TEMPLATE } as const;
      return (await client.complete({ ref, argument: { name: 'id', value } })).completion.values;
    };

    it('can be read by members of their organization, and are not found by others', async () => {
      const todo = await call('acme', 'add_todo', { title: 'Write the report' });
      const { contents } = await as('acme').readResource(uriOf(todo));
      expect(contents).toEqual([
        { uri: uriOf(todo), mimeType: 'application/json', text: expect.any(String) },
      ]);
      expect(JSON.parse((contents as { text: string }[])[0]?.text ?? '')).toEqual(todo);
      const unknown = [];
      for (const uri of [uriOf(todo), NOWHERE, 'todo://x']) {
        const error = await as('globex')
          .readResource(uri)
          .catch((refusal: unknown) => refusal);
        if (!(error instanceof ProtocolError)) throw new Error(`${uri} was found.`);
        unknown.push({ code: error.code, message: error.message.replace(uri, ''), data: error.data });
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
      const listed = async (who: keyof typeof CALLERS): Promise<string[]> =>
        (await as(who).listResources()).map(({ uri }) => uri);
      expect(await listed('acme')).toContain(uriOf(ours));
      expect(await listed('acme')).not.toContain(uriOf(theirs));
      expect(await listed('globex')).toContain(uriOf(theirs));
      expect(await listed('unscoped')).toEqual([]);
      expect(await as('acme').listResourceTemplates()).toMatchObject([{ uriTemplate: TEMPLATE }]);

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
    const listen = async (organization: string): Promise<Listener> =>
      Listener.open(
        aerie.url,
        await aerie.token({ scope: 'todo:read todo:write', claims: { oid: organization } }),
        filter,
      );
    const [ours, theirs] = [await listen('org_acme'), await listen('org_globex')];
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
