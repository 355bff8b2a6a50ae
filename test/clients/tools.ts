import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../../src/mcp/index.js';

const READ_ONLY = { readOnlyHint: true } as const;

/** Tools with the names and scopes of the demo, without a database. */
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
export class ClientToolsModule {}
