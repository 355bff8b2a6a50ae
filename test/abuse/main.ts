import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { loadConfiguration } from '../../src/config/load-configuration.js';
import { McpResource, McpTool } from '../../src/mcp/index.js';
import { run } from '../../src/run.js';

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;

/** What the attacks use, and the honest caller. */
@Injectable()
class AbusedTools {
  @McpTool({ ...base, name: 'echo', input: z.object({ text: z.string() }) })
  echo({ text }: { text: string }): string {
    return text;
  }

  @McpTool({ ...base, name: 'forbidden', scopes: ['admin'] })
  forbidden(): string {
    return 'done';
  }

  @McpTool({ ...base, name: 'stuck', timeout: 100 })
  stuck(): Promise<never> {
    return new Promise(() => {});
  }

  @McpTool({ ...base, name: 'large' })
  large(): string {
    return 'x'.repeat(3_000_000);
  }

  @McpResource({ name: 'page', uri: 'page://{name}', scopes: 'authenticated', description: 'x' })
  page({ name }: { name: string }): string {
    return name;
  }
}

@Module({ providers: [AbusedTools] })
class AbusedModule {}

/** Tells how much memory is in use after a collection of garbage, bytes. */
process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ used: heapUsed + external, rss });
});

await run(loadConfiguration(process.env), false, [AbusedModule]);
