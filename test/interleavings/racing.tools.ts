import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../../src/mcp/index.js';

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;
const input = z.object({ ms: z.number() });

@Injectable()
class RacingTools {
  @McpTool({ ...base, name: 'quick' })
  quick(): string {
    return 'done';
  }

  @McpTool({ ...base, name: 'obedient', input, timeout: 15 })
  async obedient({ ms }: { ms: number }, { signal }: CallContext): Promise<string> {
    await sleep(ms, undefined, { signal });
    return 'done';
  }

  @McpTool({ ...base, name: 'deaf', input, timeout: 5 })
  async deaf({ ms }: { ms: number }, context: CallContext): Promise<string> {
    await sleep(ms);
    await context.progress(1);
    await context.log('info', 'too late, perhaps');
    return 'done';
  }

  @McpTool({ ...base, name: 'asking', timeout: 50 })
  async asking(_input: object, context: CallContext): Promise<string> {
    const { action } = await context.elicit({
      message: 'Go on?',
      schema: z.object({ sure: z.boolean() }),
    });
    return action;
  }
}

export const RACING_TOOLS = ['quick', 'obedient', 'deaf', 'asking'] as const;

@Module({ providers: [RacingTools] })
export class RacingModule {}
