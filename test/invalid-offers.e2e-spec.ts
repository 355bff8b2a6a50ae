import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { McpPrompt, McpResource, McpTool } from '../src/mcp/index.js';
import { startAerie } from './support/aerie.js';

describe('the start with invalid offers', () => {
  const failureWith = async (provider: new () => object): Promise<string> => {
    @Module({ providers: [provider] })
    class Faulty {}
    try {
      await (await startAerie({ modules: [Faulty] })).close();
    } catch (error) {
      return String(error);
    }
    throw new Error('The start succeeded.');
  };

  @Injectable()
  class WrongResources {
    @McpResource({ uri: 'no-scheme', name: 'a', scopes: 'authenticated' })
    noScheme(): string {
      return '';
    }

    @McpResource({ uri: 'same://one', name: 'b', scopes: 'authenticated' })
    one(): string {
      return '';
    }

    @McpResource({ uri: 'same://one', name: 'b' })
    two(): string {
      return '';
    }

    // @ts-expect-error the class has no such method
    @McpResource({ uri: 'list://{x}', name: 'c', scopes: 'authenticated', list: 'nowhere' })
    list({ x }: { x: string }): string {
      return x;
    }

    // @ts-expect-error the template has no such variable
    @McpResource({ uri: 'complete://{x}', name: 'd', scopes: 'authenticated', complete: { y: 'values' } })
    complete({ x }: { x: string }): string {
      return x;
    }

    values(): string[] {
      return [];
    }

    // @ts-expect-error the template has another variable
    @McpResource({ uri: 'variable://{x}', name: 'e', scopes: 'authenticated' })
    variable({ z: value }: { z: string }): string {
      return value;
    }

    // @ts-expect-error a URI may leave the variable out
    @McpResource({ uri: 'optional://{x}{?y,z}', name: 'f', scopes: 'authenticated' })
    optional({ z: value }: { z: string }): string {
      return value;
    }
  }

  @Injectable()
  class WrongPrompts {
    @McpPrompt({ name: 'p', arguments: z.object({ count: z.number() }), scopes: 'authenticated' })
    count({ count }: { count: number }): string {
      return String(count);
    }

    @McpPrompt({
      name: 'q',
      arguments: z.object({ a: z.string() }),
      // @ts-expect-error there is no such argument
      complete: { b: 'values' },
      scopes: 'authenticated',
    })
    q({ a }: { a: string }): string {
      return a;
    }

    values(): string[] {
      return [];
    }
  }

  @Injectable()
  class WrongHeaders {
    @McpTool({
      name: 'h1',
      description: 'Wrong headers.',
      input: z.object({
        a: z.string().meta({ 'x-mcp-header': 'Same' }),
        b: z.string().meta({ 'x-mcp-header': 'same' }),
        c: z.number().meta({ 'x-mcp-header': 'Number' }),
        d: z.string().meta({ 'x-mcp-header': 'no token' }),
      }),
      scopes: 'authenticated',
    })
    wrong(): string {
      return '';
    }

    @McpTool({
      name: 'h2',
      description: 'A header elsewhere.',
      input: z.object({ list: z.array(z.string().meta({ 'x-mcp-header': 'Item' })) }),
      scopes: 'authenticated',
    })
    elsewhere(): string {
      return '';
    }
  }

  it('rejects each invalid resource with the reason', async () => {
    const failure = await failureWith(WrongResources);
    expect(failure).toMatch(/noScheme: its uri "no-scheme" has no scheme/);
    expect(failure).toMatch(/two: it does not declare its scopes/);
    expect(failure).toMatch(/two: its resource name "b" is already used by WrongResources\.one/);
    expect(failure).toMatch(/two: its uri "same:\/\/one" is already used by WrongResources\.one/);
    expect(failure).toMatch(/list: it names the method nowhere, which its class does not have/);
    expect(failure).toMatch(/complete: it completes "y", which is not a variable of complete:\/\/\{x\}/);
  });

  it('rejects invalid prompts', async () => {
    const failure = await failureWith(WrongPrompts);
    expect(failure).toMatch(/count: its argument "count" is of type "number", but prompts take only strings/);
    expect(failure).toMatch(/q: it completes "b", which is not one of its arguments/);
  });

  it('rejects headers that the specification does not allow', async () => {
    const failure = await failureWith(WrongHeaders);
    expect(failure).toMatch(/x-mcp-header "same" is used twice/);
    expect(failure).toMatch(/x-mcp-header "Number" is not on a string, an integer or a boolean/);
    expect(failure).toMatch(/x-mcp-header "no token" is not a valid header name/);
    expect(failure).toMatch(/elsewhere: its x-mcp-header is not on a property/);
  });
});
