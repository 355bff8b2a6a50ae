import { Injectable, Module } from '@nestjs/common';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { MemoryOAuthProvider } from './support/oauth-client.js';
import { post, postLegacy, postModern, toolCall } from './support/rpc.js';
import { signIn } from './support/sign-in.js';

@Injectable()
class ArchiveTools {
  @McpTool({ name: 'archive_todos', description: 'Archives todos.', scopes: ['todo:write'] })
  archive(): string {
    return 'archived';
  }
}

@Module({ providers: [ArchiveTools] })
class ArchiveModule {}

describe('the challenge of a call that lacks a scope', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [ArchiveModule] });
  });
  afterAll(() => aerie.close());

  const scopesIn = (response: Response): string[] | undefined =>
    /scope="([^"]*)"/
      .exec(response.headers.get('www-authenticate') ?? '')?.[1]
      ?.split(' ')
      .toSorted();

  it('includes the token’s scopes in the 2025 revisions, and only missing ones in 2026-07-28', async () => {
    const token = await aerie.token({ scope: 'usr:read offline_access' });
    const call = toolCall('list_todos');
    expect(scopesIn(await postLegacy(aerie.url, token, call))).toEqual(['todo:read', 'usr:read']);
    const bare = { jsonrpc: '2.0', id: 1, ...call };
    expect(scopesIn(await post(aerie.url, token, bare))).toEqual(['todo:read', 'usr:read']);
    expect(scopesIn(await postModern(aerie.url, token, call))).toEqual(['todo:read']);
  });

  it('names only the missing scopes in its description', async () => {
    const token = await aerie.token({ scope: 'usr:read' });
    const response = await postLegacy(aerie.url, token, toolCall('list_todos'));
    expect(response.headers.get('www-authenticate')).toContain('"This needs the scope todo:read."');
  });

  it.each(['auto', 'legacy'] as const)('makes the official client request more scopes, %s', async (mode) => {
    jest.spyOn(console, 'warn').mockImplementation();
    const provider = new MemoryOAuthProvider();
    const connect = async (): Promise<Client> => {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
      transport = new StreamableHTTPClientTransport(new URL(aerie.url), { authProvider: provider });
      await client.connect(transport);
      return client;
    };
    let transport: StreamableHTTPClientTransport | undefined;
    const authorize = async (): Promise<void> => {
      const { searchParams } = await signIn(provider.authorizationUrl ?? '');
      await transport?.finishAuth(searchParams);
    };
    const granted = (): string[] | undefined => provider.granted?.scope?.split(' ');

    await expect(connect()).rejects.toThrow(/unauthorized/i);
    await authorize();
    expect(granted()).toEqual(expect.arrayContaining(['org:read', 'todo:read', 'usr:read']));
    expect(granted()).not.toContain('admin');

    const client = await connect();
    const before = (await client.listTools()).tools.map(({ name }) => name);
    expect(before).toContain('add_todo');
    expect(before).not.toContain('archive_todos');
    const add = { name: 'add_todo', arguments: { title: 'Step up' } };
    await expect(client.callTool(add)).rejects.toThrow();
    await authorize();
    expect(granted()).toEqual(expect.arrayContaining(['org:read', 'todo:read', 'todo:write', 'usr:read']));
    const after = (await client.listTools()).tools.map(({ name }) => name);
    expect(after).toEqual(expect.arrayContaining([...before, 'archive_todos']));
    await client.close();
  });
});
