import { setTimeout as pause } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool, type McpToolOptions } from '../../src/index.js';

const READ = { readOnlyHint: true } as const;
const open = { scopes: 'authenticated', annotations: READ } as const;

/** Tools of every kind that a client may call with `call_tool`. */
@Injectable()
export class SearchedTools {
  cancelled = 0;

  @McpTool({ name: 'about', description: 'Tells about the company.', pinned: true, ...open })
  about(): string {
    return 'about';
  }

  @McpTool({
    name: 'refund',
    group: 'billing',
    description: 'Returns a payment to the card of the customer.',
    input: z.object({ payment: z.string(), amount: z.number().positive() }),
    output: z.object({ refunded: z.number() }),
    scopes: ['billing:write'],
  })
  refund({ amount }: { amount: number }): { refunded: number } {
    return { refunded: amount };
  }

  @McpTool({
    name: 'numbers',
    group: 'math',
    description: 'Lists numbers.',
    output: z.array(z.number()),
    ...open,
  })
  numbers(): number[] {
    return [1, 2];
  }

  @McpTool({
    name: 'regional',
    description: 'Tells the region.',
    input: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }),
    ...open,
  })
  regional({ region }: { region: string }): string {
    return region;
  }

  @McpTool({ name: 'confirm', description: 'Asks for a confirmation.', ...open })
  async confirm(_input: object, context: CallContext): Promise<string> {
    const { action } = await context.elicit({ message: 'Sure?', schema: z.object({ sure: z.boolean() }) });
    return action;
  }

  @McpTool({ name: 'work', description: 'Works until it is cancelled.', ...open })
  async work(_input: object, context: CallContext): Promise<string> {
    await context.progress(1, 2, 'begun');
    await pause(20_000, undefined, { signal: context.signal }).catch(() => this.cancelled++);
    return 'worked';
  }

  @McpTool({ name: 'count', description: 'Counts to two.', ...open })
  async count(_input: object, context: CallContext): Promise<string> {
    await context.progress(1, 2);
    await context.progress(2, 2);
    return 'counted';
  }

  @McpTool({ name: 'rare', description: 'May be called twice.', rateLimit: '4/h', cost: 2, ...open })
  rare(): string {
    return 'rare';
  }

  @McpTool({
    name: 'govern',
    description: 'Governs the company.',
    roles: ['admin'],
    visibility: 'scoped',
    ...open,
  })
  govern(): string {
    return 'governed';
  }

  @McpTool({
    name: 'open_vault',
    group: 'vault',
    description: 'Opens the vault.',
    scopes: ['vault:open'],
    visibility: 'secret',
    annotations: READ,
  })
  vault(): string {
    return 'open';
  }
}

/** Creates a provider class with many tools that return their names. */
export function manyTools(
  declarations: readonly Omit<McpToolOptions, 'input' | 'output'>[],
): new () => object {
  class ManyTools {
    readonly count = declarations.length;
  }
  declarations.forEach((declaration, index) => {
    const descriptor = { value: () => `ran ${declaration.name}`, writable: true, configurable: true };
    Object.defineProperty(ManyTools.prototype, `tool${index}`, descriptor);
    McpTool(declaration)(ManyTools.prototype, `tool${index}`, descriptor);
  });
  return Injectable()(ManyTools) ?? ManyTools;
}
