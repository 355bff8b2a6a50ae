// Runs the built application with production settings and tools for the attacks.
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

const built = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href;

const { loadConfiguration } = (await import(
  built('config/load-configuration.js')
)) as typeof import('../../src/config/load-configuration.js');
const { McpResource, McpTool } = (await import(
  built('mcp/index.js')
)) as typeof import('../../src/mcp/index.js');
const { run } = (await import(built('run.js'))) as typeof import('../../src/run.js');

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;

/** Tools of the attacks and of the honest caller. */
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

/** Resource usage that the server reports. */
export interface Measures {
  /** Memory in use after a garbage collection, in bytes. */
  readonly memory: number;
  /** Event loop delay since the last report: 99th percentile in milliseconds. */
  readonly loopDelay: number;
}

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('message', () => {
  const loopDelay = delay.percentile(99) / 1e6;
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ memory: heapUsed + external, loopDelay } satisfies Measures);
  delay.reset();
});

await run(loadConfiguration(process.env), false, { further: [AbusedModule] });
