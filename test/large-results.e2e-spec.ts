import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { McpTool } from '../src/mcp/index.js';
import { serveAndAsk, WAYS } from './support/ways.js';

const LARGE = { 'lïnes\n': Array.from({ length: 100 }, (_, line) => ({ line, text: `"${line}" \\ é` })) };
const SECRET = { ...LARGE, secret: 'SECRET' };
const base = { description: 'x', scopes: 'authenticated' } as const;

@Injectable()
class Tools {
  @McpTool({ ...base, name: 'data' })
  data(): object {
    return LARGE;
  }

  @McpTool({ ...base, name: 'declared', output: z.object({ 'lïnes\n': z.array(z.unknown()) }) })
  declared(): typeof SECRET {
    return SECRET;
  }

  @McpTool({ ...base, name: 'whole' })
  whole(): object {
    return { structuredContent: LARGE, _meta: { from: 'a tool' } };
  }

  @McpTool({ ...base, name: 'failed' })
  failed(): object {
    return { structuredContent: LARGE, isError: true };
  }
}

@Module({ providers: [Tools] })
class Large {}

describe.each(WAYS)('large structured content, in $name', (way) => {
  const ask = serveAndAsk(way, [Large]);

  it.each([
    ['data', {}],
    ['declared', {}],
    ['whole', { _meta: expect.objectContaining({ from: 'a tool' }) }],
    ['failed', { isError: true }],
  ])('equals its text: %s', async (name, members) => {
    for (let time = 0; time < 2; time++) {
      const { result } = await ask({ method: 'tools/call', params: { name, arguments: {} } });
      expect(result).toMatchObject({ structuredContent: LARGE, ...members });
      expect(result?.['structuredContent']).toEqual(LARGE);
      expect(result?.['content']).toEqual([{ type: 'text', text: JSON.stringify(LARGE) }]);
    }
  });
});
