import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Injectable, Module } from '@nestjs/common';

import { LiveCatalog, McpResource } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';

@Injectable()
class Shop {
  @McpResource({
    uri: 'shop://products{?page,limit}',
    name: 'products',
    scopes: 'authenticated',
    complete: { page: 'pages' },
  })
  products({ page, limit }: { page?: string; limit?: string }): string {
    return `page ${page}, limit ${limit}`;
  }

  pages(): string[] {
    return ['1', '2'];
  }

  @McpResource({ uri: 'shop://pictures/{+path}', name: 'pictures', scopes: 'authenticated' })
  pictures({ path }: { path: string }): string {
    return path;
  }

  @McpResource({ uri: 'shop://notes/{id}{.format}', name: 'notes', scopes: 'authenticated' })
  notes({ id, format = 'txt' }: { id: string; format?: string }): string {
    return `${id} as ${format}`;
  }
}

@Module({ providers: [Shop] })
class ShopModule {}

const IDENTITY = { name: 'test', version: '1' };

interface Reader {
  readResource(request: { uri: string }): Promise<{ contents: object[] }>;
  complete(request: {
    ref: { type: 'ref/resource'; uri: string };
    argument: { name: string; value: string };
  }): Promise<{ completion: { values: string[] } }>;
  close(): Promise<void>;
}

async function v1(aerie: Aerie): Promise<Reader> {
  const headers = { authorization: `Bearer ${await aerie.token()}` };
  const client = new ClientV1(IDENTITY);
  await client.connect(new TransportV1(new URL(aerie.url), { requestInit: { headers } }));
  return client;
}

describe('URI templates', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [ShopModule] });
  });
  afterAll(() => aerie.close());

  describe.each([
    ['v2, MCP 2026-07-28', ({ as }: Aerie): Promise<Reader> => as({}).sdk()],
    ['v2, MCP 2025-11-25', ({ as }: Aerie): Promise<Reader> => as({}, { era: 'legacy' }).sdk()],
    ['v1', v1],
  ])('for the client %s', (_name, connect) => {
    let client: Reader;
    beforeAll(async () => {
      client = await connect(aerie);
    });
    afterAll(() => client.close());

    it.each([
      ['no parameter', 'shop://products', 'page undefined, limit undefined'],
      ['one parameter', 'shop://products?page=2', 'page 2, limit undefined'],
      ['parameters in another order', 'shop://products?limit=5&page=2', 'page 2, limit 5'],
      ['a path of several segments', 'shop://pictures/a/b%20c.png', 'a/b c.png'],
      ['an optional extension', 'shop://notes/7.md', '7 as md'],
      ['no extension', 'shop://notes/7', '7 as txt'],
    ])('reads %s', async (_what, uri, text) => {
      expect((await client.readResource({ uri })).contents).toEqual([{ uri, mimeType: 'text/plain', text }]);
    });

    it.each([
      'shop://products?sort=name',
      'shop://notes/%2E%2E',
      'shop://notes/a%2Fb',
      'shop://pictures/a%00',
    ])('does not find %s', async (uri) => {
      await expect(client.readResource({ uri })).rejects.toThrow(/not found/i);
    });

    it('completes an optional variable', async () => {
      const { completion } = await client.complete({
        ref: { type: 'ref/resource', uri: 'shop://products{?page,limit}' },
        argument: { name: 'page', value: '' },
      });
      expect(completion.values).toEqual(['1', '2']);
    });
  });

  it('rejects a template that cannot be matched, with the reason', () => {
    const catalog = aerie.application.get(LiveCatalog, { strict: false });
    const add = (): unknown =>
      catalog.addResource({ uri: 'shop://x/{path*}', name: 'x', scopes: 'authenticated' }, () => '');
    expect(add).toThrow(/unsupported modifier in \{path\*\}: write \{\+name\}/);
  });
});
