import type { CallToolResult } from '@modelcontextprotocol/server';
import { of } from 'rxjs';
import { z } from 'zod';

import {
  type CallContext,
  type LiveCatalog,
  McpPrompt,
  McpTool,
  type McpToolOptions,
  type ParameterMapping,
} from '../src/mcp/index.js';
import { declaringClasses } from '../src/mcp/decorators/offer-method.js';

const total = z.object({ total: z.number() });
const tool = { description: 'A tool.', scopes: 'authenticated' } as const;

class Tools {
  @McpTool({ name: 'none', ...tool })
  none(): string {
    return '';
  }

  @McpTool({ name: 'context', ...tool })
  context(_input: object, { principal }: CallContext): string {
    return principal.subject;
  }

  @McpTool({ name: 'empty', ...tool })
  empty(_input: Record<string, never>): string {
    return '';
  }

  @McpTool({ name: 'unknown', ...tool })
  unknown(_input: unknown): string {
    return '';
  }

  // @ts-expect-error the tool has no input
  @McpTool({ name: 'forgotten', ...tool })
  forgotten({ limit }: { limit?: number }): string {
    return String(limit);
  }

  // @ts-expect-error the tool has no input
  @McpTool({ name: 'forgotten_default', ...tool })
  forgottenDefault({ limit }: { limit?: number } = {}): string {
    return String(limit);
  }

  // @ts-expect-error the tool has no input
  @McpTool({ name: 'forgotten_required', ...tool })
  forgottenRequired({ limit }: { limit: number }): string {
    return String(limit);
  }

  @McpTool({ name: 'structured', ...tool, output: total })
  structured() {
    return { structuredContent: { total: 1 } };
  }

  @McpTool({ name: 'either', ...tool, output: total })
  either(_input: object, { principal }: CallContext) {
    if (principal.kind === 'machine') return { content: [], isError: true };
    return { structuredContent: { total: 1 }, _meta: { page: 1 } };
  }

  @McpTool({ name: 'list', ...tool, output: z.array(z.string()) })
  async list() {
    return { structuredContent: ['a'] };
  }

  // @ts-expect-error the structured content does not match the output
  @McpTool({ name: 'wrong', ...tool, output: total })
  wrong() {
    return { structuredContent: { total: '1' } };
  }

  @McpTool({ name: 'annotated', ...tool, output: total })
  annotated(): CallToolResult {
    return { content: [], structuredContent: { total: 1 } };
  }

  @McpPrompt({ name: 'none', scopes: 'authenticated' })
  prompt(): string {
    return '';
  }

  @McpPrompt({ name: 'messages', scopes: 'authenticated' })
  async messages() {
    return [{ role: 'user', content: { type: 'text', text: '' } }];
  }

  @McpPrompt({ name: 'whole', scopes: 'authenticated' })
  whole() {
    return of({ description: '', messages: [{ role: 'user', content: { type: 'text', text: '' } }] });
  }

  // @ts-expect-error a prompt has messages
  @McpPrompt({ name: 'count', scopes: 'authenticated' })
  count(): number {
    return 1;
  }

  // @ts-expect-error a prompt has messages
  @McpPrompt({ name: 'other', scopes: 'authenticated' })
  async other() {
    return { text: '' };
  }

  // @ts-expect-error the prompt has no arguments
  @McpPrompt({ name: 'forgotten', scopes: 'authenticated' })
  forgottenPrompt({ topic }: { topic?: string }): string {
    return String(topic);
  }
}

/** The handlers of a live catalog have the types of their declarations, as decorated methods have. */
const live = (catalog: LiveCatalog, options: McpToolOptions): readonly (() => unknown)[] => {
  const input = z.object({ id: z.number() });
  return [
    () => catalog.addTool({ name: 'id', ...tool, input, output: total }, ({ id }) => ({ total: id })),
    () => catalog.addTool({ name: 'none', ...tool }, (_input, { principal }) => principal.subject),
    () => catalog.addTool(options, (given: Record<string, unknown>) => given['id']),
    () => catalog.addResource({ uri: 'a://{b}', name: 'a', scopes: 'authenticated' }, ({ b }) => b.trim()),
    () =>
      catalog.addPrompt(
        { name: 'p', scopes: 'authenticated', arguments: z.object({ topic: z.string() }) },
        ({ topic }) => topic.trim(),
      ),
    // @ts-expect-error the input has a number
    () => catalog.addTool({ name: 'wrong', ...tool, input }, ({ id }: { id: string }) => id),
    // @ts-expect-error the output is an object
    () => catalog.addTool({ name: 'wrong', ...tool, output: total }, () => 'one'),
    // @ts-expect-error the URI has no such variable
    () => catalog.addResource({ uri: 'a://{b}', name: 'a', scopes: 'authenticated' }, ({ c }) => c),
    // @ts-expect-error a prompt has messages
    () => catalog.addPrompt({ name: 'wrong', scopes: 'authenticated' }, () => 1),
  ];
};

const mappings: Readonly<Record<string, ParameterMapping>> = {
  caller: { value: ({ organizationId }) => organizationId },
  list: { value: ['a', 1] },
  object: { value: { currency: 'EUR' } },
  nothing: { value: null },
  // @ts-expect-error a parameter always has a value
  missing: { value: undefined },
  // @ts-expect-error the function gets the caller
  wrong: { value: (amount: number) => amount },
};

/** The compiler checks the types of these declarations; `npm run typecheck` fails if it accepts or rejects another. */
describe('types of declarations', () => {
  it('change nothing of what is declared', () => {
    expect(declaringClasses.has(Tools)).toBe(true);
    expect(Object.keys(mappings)).toHaveLength(6);
    expect(live).toBeInstanceOf(Function);
  });
});
