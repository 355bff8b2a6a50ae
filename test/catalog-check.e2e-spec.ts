import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { checkCatalog } from '../src/cli/check-catalog.js';
import type { Configuration } from '../src/config/configuration.js';
import { loadConfiguration } from '../src/config/load-configuration.js';
import { LiveCatalog, McpTool } from '../src/mcp/index.js';

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;

@Injectable()
class WarnedTools {
  constructor(catalog: LiveCatalog) {
    catalog.addTool({ ...base, name: 'added.live' }, () => 'x');
  }

  @McpTool({
    ...base,
    name: 'a_name_of_many_characters_so_that_cursor_leaves_out_the_tool',
    input: z.object({ at: z.tuple([z.number(), z.number()]) }),
  })
  at(): string {
    return '';
  }
}

@Controller('faulty')
class FaultyController {
  @Get()
  @McpTool({ ...base, name: 'on_controller' })
  get(): string {
    return '';
  }
}

@Injectable()
class FaultyTools {
  @McpTool({
    ...base,
    name: 'pattern',
    output: z.object({ a: z.string().regex(new RegExp(String.raw`\-`)) }),
  })
  pattern(): { a: string } {
    return { a: '-' };
  }
}

@Module({ providers: [WarnedTools] })
class Warned {}

@Module({ controllers: [FaultyController], providers: [FaultyTools] })
class Faulty {}

describe('the check of what is on offer', () => {
  let directory: string;
  let configuration: Configuration;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'aerie-check-'));
    configuration = loadConfiguration({
      SK_ENV_URL: 'http://127.0.0.1:1',
      MCP_SERVER_ID: 'res_123',
      RESOURCE_URL: 'http://localhost:1/mcp',
      REDIS_URL: 'redis://127.0.0.1:1',
      STATE_DIRECTORY: directory,
    });
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('finds nothing about the tools that Aerie brings, and leaves nothing behind', async () => {
    expect(await checkCatalog(configuration)).toEqual({ errors: [], warnings: [] });
    expect(await readdir(directory)).toEqual([]);
  });

  it('finds what the start would refuse, and what it would warn of', async () => {
    const { errors, warnings } = await checkCatalog(configuration, [Warned, Faulty]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /2 problems.*pattern: its output member "a" has a pattern .*get: @McpTool is on a controller/s,
      ),
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(/^added\.live: its name has a dot: OpenAI's and Anthropic's APIs/),
      expect.stringMatching(
        /^a_name_of_.*\(WarnedTools\.at\): its input member "at" has prefixItems: Gemini/,
      ),
      expect.stringMatching(
        /^a_name_of_.*: its name and the server's name "aerie" have \d+ characters: Cursor/,
      ),
    ]);
  });
});
