import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpResource, McpTool } from '../../src/mcp/index.js';

const change = z.object({ uri: z.string() });

/** Resources to listen to, and tools that change them. */
@Injectable()
class WatchedTools {
  @McpResource({ uri: 'board://{name}', name: 'board', scopes: ['todo:read'] })
  board({ name }: { name: string }): string {
    return name;
  }

  @McpResource({ uri: 'vault://plans', name: 'plans', scopes: ['vault:open'], visibility: 'secret' })
  plans(): string {
    return 'secret';
  }

  @McpResource({ uri: 'news://all', name: 'news', scopes: 'authenticated' })
  news(): string {
    return 'news';
  }

  @McpTool({ name: 'change', description: 'Changes.', input: change, scopes: 'authenticated' })
  change({ uri }: z.output<typeof change>, call: CallContext): void {
    call.resourceUpdated(uri);
  }

  @McpTool({ name: 'add', description: 'Adds.', scopes: 'authenticated' })
  add(_input: object, call: CallContext): void {
    call.resourceListChanged();
  }
}

@Module({ providers: [WatchedTools] })
export class WatchedToolsModule {}
