import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../src/mcp/index.js';
import { readHandshakes } from './clients/handshake.js';
import { replay } from './clients/replay.js';
import { type Aerie, startAerie } from './support/aerie.js';

const READ_ONLY = { readOnlyHint: true } as const;

/** Tools of the demo that the clients were recorded with, without a database. */
@Injectable()
class Tools {
  @McpTool({ name: 'whoami', description: 'Who.', scopes: 'authenticated', annotations: READ_ONLY })
  whoami(_input: object, { principal }: CallContext): string {
    return principal.subject;
  }

  @McpTool({
    name: 'greet_user',
    description: 'Greets.',
    input: z.object({ name: z.string() }),
    scopes: ['usr:read'],
    annotations: READ_ONLY,
  })
  greet({ name }: { name: string }): string {
    return `Hi ${name}`;
  }

  @McpTool({
    name: 'get_org_data',
    description: 'Organization.',
    scopes: ['org:read'],
    annotations: READ_ONLY,
  })
  organization(): string {
    return 'Acme';
  }

  @McpTool({ name: 'list_todos', description: 'Lists.', scopes: ['todo:read'], annotations: READ_ONLY })
  list(): string {
    return 'none';
  }

  @McpTool({
    name: 'add_todo',
    description: 'Adds.',
    input: z.object({ title: z.string() }),
    scopes: ['todo:write'],
    visibility: 'discoverable',
  })
  add({ title }: { title: string }): string {
    return title;
  }
}

@Module({ providers: [Tools] })
class ToolsModule {}

const HANDSHAKES = readHandshakes();

describe('the handshake of', () => {
  let aerie: Aerie;
  beforeEach(() => jest.spyOn(console, 'warn').mockImplementation());
  beforeAll(async () => {
    aerie = await startAerie({
      modules: [ToolsModule],
      environment: { DEMO_TOOLS: 'off' },
      issuer: {
        clientMetadataDocuments: Object.assign({}, ...HANDSHAKES.map(({ documents }) => documents)),
      },
    });
  });
  afterAll(() => aerie.close());

  it.each(HANDSHAKES.map((handshake): [string, typeof handshake] => [handshake.client, handshake]))(
    '%s succeeds',
    async (_client, handshake) => {
      const { url: endpoint, origin, issuer } = aerie;
      await replay(handshake, { endpoint, origin, issuer: issuer.url });
    },
  );
});
