import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Injectable, Module } from '@nestjs/common';

import { McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { MemoryOAuthProvider } from './support/oauth-client.js';
import { signIn } from './support/sign-in.js';

@Injectable()
class Reports {
  @McpTool({
    name: 'send_report',
    description: 'Sends a report.',
    scopes: ['report:read', 'mail:send'],
    visibility: 'discoverable',
  })
  send(): string {
    return 'sent';
  }
}

@Module({ providers: [Reports] })
class Tools {}

const scopesOf = ({ granted }: MemoryOAuthProvider): string[] => (granted?.scope ?? '').split(' ');

describe.each(['auto', 'legacy'] as const)('step-up with the official v2 client, %s', (mode) => {
  let aerie: Aerie;
  beforeEach(() => jest.spyOn(console, 'warn').mockImplementation());
  beforeAll(async () => {
    aerie = await startAerie({
      modules: [Tools],
      environment: { SIGN_IN_SCOPES: 'usr:read' },
      issuer: { scopes: () => ['usr:read', 'report:read', 'mail:send'] },
    });
  });
  afterAll(() => aerie.close());

  const attempt = (
    provider: MemoryOAuthProvider,
  ): { client: Client; transport: StreamableHTTPClientTransport } => ({
    client: new Client({ name: 'step-up', version: '1.0.0' }, { versionNegotiation: { mode } }),
    transport: new StreamableHTTPClientTransport(new URL(aerie.url), { authProvider: provider }),
  });

  it('signs in again for the union of the scopes after a 403, and then calls successfully', async () => {
    const provider = new MemoryOAuthProvider();
    const first = attempt(provider);
    await expect(first.client.connect(first.transport)).rejects.toThrow(/unauthorized/i);
    await first.transport.finishAuth((await signIn(provider.authorizationUrl ?? '')).searchParams);
    expect(scopesOf(provider)).toContain('usr:read');
    expect(scopesOf(provider)).not.toContain('mail:send');

    const second = attempt(provider);
    await second.client.connect(second.transport);
    const { tools } = await second.client.listTools();
    expect(tools.map(({ name }) => name)).toContain('send_report');
    const call = { name: 'send_report', arguments: {} };
    await expect(second.client.callTool(call)).rejects.toThrow();
    const asked = new URL(provider.authorizationUrl ?? '').searchParams.get('scope')?.split(' ');
    expect(asked).toEqual(expect.arrayContaining(['usr:read', 'report:read', 'mail:send']));

    await second.transport.finishAuth((await signIn(provider.authorizationUrl ?? '')).searchParams);
    expect(scopesOf(provider)).toEqual(expect.arrayContaining(['usr:read', 'report:read', 'mail:send']));
    expect(await second.client.callTool(call)).toMatchObject({ content: [{ type: 'text', text: 'sent' }] });
    await second.client.close();
  });

  it('reports a denied scope without an endless loop', async () => {
    const provider = new MemoryOAuthProvider();
    const first = attempt(provider);
    await expect(first.client.connect(first.transport)).rejects.toThrow(/unauthorized/i);
    await first.transport.finishAuth(
      (await signIn(provider.authorizationUrl ?? '', { user: 'carol' })).searchParams,
    );
    const second = attempt(provider);
    await second.client.connect(second.transport);
    const call = { name: 'send_report', arguments: {} };
    await expect(second.client.callTool(call)).rejects.toThrow();
    await second.transport.finishAuth(
      (await signIn(provider.authorizationUrl ?? '', { user: 'carol' })).searchParams,
    );
    expect(scopesOf(provider)).not.toContain('mail:send');
    await expect(second.client.callTool(call)).rejects.toThrow();
    await second.client.close();
  });
});
