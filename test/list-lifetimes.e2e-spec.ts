import { Injectable, Module } from '@nestjs/common';

import { Catalog } from '../src/mcp/catalog/catalog.js';
import { CatalogService } from '../src/mcp/catalog/catalog.service.js';
import { LiveCatalog, McpResource } from '../src/mcp/index.js';
import { Listings } from '../src/mcp/server/listings.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { message, post, postModern } from './support/rpc.js';

const LISTS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'];
const LASTING = { result: { ttlMs: 60_000, cacheScope: 'public' } };
const NOTHING = { tools: [], resources: [], templates: [], prompts: [] };
const GROWING = { result: { ttlMs: 0, cacheScope: 'private' } };

@Injectable()
class Notes {
  @McpResource({ uri: 'note://{id}', name: 'note', scopes: 'authenticated', list: 'mine' })
  note(): string {
    return '';
  }

  mine(): never[] {
    return [];
  }
}

@Module({ providers: [Notes] })
class NotesModule {}

describe('the lifetime of a list', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie();
  });
  afterAll(() => aerie.close());

  const list = async (method: string): Promise<unknown> =>
    (await postModern(aerie.url, await aerie.token(), { method })).json();

  it('follows the catalog, because a list of offers with scopes grows after a step-up', async () => {
    expect(await list('prompts/list')).toMatchObject(LASTING);
    const remove = aerie.application
      .get(LiveCatalog)
      .addPrompt({ name: 'late', scopes: ['late:scope'] }, () => 'late');
    expect(await list('prompts/list')).toMatchObject(GROWING);
    remove();
    expect(await list('prompts/list')).toMatchObject(LASTING);
  });

  it('is nothing for resources that a method lists, because it may list those of one caller', async () => {
    const other = await startAerie({ modules: [NotesModule], environment: { DEMO_TOOLS: 'off' } });
    const hints = async (method: string): Promise<unknown> =>
      (await postModern(other.url, await other.token(), { method })).json();
    expect(await hints('resources/list')).toMatchObject(GROWING);
    expect(await hints('resources/templates/list')).toMatchObject(LASTING);
    await other.close();
  });

  it('is that of the catalog whose resources are listed, also if the catalog changes meanwhile', async () => {
    jest.spyOn(Listings.prototype, 'resources').mockImplementationOnce(async () => {
      await Promise.resolve();
      jest
        .spyOn(aerie.application.get(CatalogService), 'current', 'get')
        .mockReturnValue(new Catalog(NOTHING));
      return { resources: [] };
    });
    try {
      expect(await list('resources/list')).toMatchObject(GROWING);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it.each(LISTS)('is not in the %s of the legacy era, whose schema has no such members', async (method) => {
    const response = await post(aerie.url, await aerie.token(), message({ method }));
    const text = await response.text();
    expect(text).toContain('"result":');
    expect(text).not.toMatch(/ttlMs|cacheScope/);
  });
});
