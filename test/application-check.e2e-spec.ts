import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Controller, Get, Injectable, Logger, Module, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';

import { checkApplication } from '../src/cli/check/check-application.js';
import type { CheckFindings } from '../src/cli/check/check-findings.js';
import type { Configuration } from '../src/config/configuration.js';
import { loadConfiguration } from '../src/config/load-configuration.js';
import { Database } from '../src/database/database.js';
import { CatalogError } from '../src/mcp/catalog/catalog-error.js';
import { fromOpenApi, leaveOut, LiveCatalog, McpTool } from '../src/mcp/index.js';

/** Returns the findings without what is on offer. */
const findingsOf = async (...check: Parameters<typeof checkApplication>): Promise<CheckFindings> => {
  const { errors, warnings } = await checkApplication(...check);
  return { errors, warnings };
};

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

// Providers of which each test uses some.
leaveOut(WarnedTools, FaultyController, FaultyTools);

@Module({ providers: [WarnedTools] })
class Warned {}

@Module({ controllers: [FaultyController], providers: [FaultyTools] })
class Faulty {}

@Injectable()
class LateTools implements OnModuleInit {
  constructor(private readonly catalog: LiveCatalog) {}

  onModuleInit(): void {
    new Logger('Late').warn('a warning of its own');
    this.catalog.addTool({ ...base, name: 'added.late' }, () => 'x');
    const broken = z.object({ a: z.string().regex(new RegExp(String.raw`\-`)) });
    this.catalog.addTool({ ...base, name: 'broken', input: broken }, () => 'x');
  }
}

/** Module with one provider that runs code when the application starts. */
function starting(hook: 'onModuleInit' | 'onApplicationBootstrap', start: () => unknown): new () => object {
  @Module({ providers: [{ provide: 'starting', useValue: { [hook]: start } }] })
  class Starting {}
  return Starting;
}

const failing = (error: Error) => (): never => {
  throw error;
};

@Module({ providers: [LateTools] })
class Late {}

@Injectable()
class Reader implements OnModuleInit {
  constructor(private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    const call = { signal: new AbortController().signal, deadline: Infinity };
    await this.database.transaction('org_acme', call, () => Promise.resolve());
  }
}

@Module({ providers: [Reader] })
class Reading {}

describe('the check of the application', () => {
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

  it('reports no problem with the included tools, and leaves nothing behind', async () => {
    expect(await findingsOf(configuration)).toEqual({ errors: [], warnings: [] });
    expect(await readdir(directory)).toEqual([]);
  });

  it('reports the errors and warnings of startup', async () => {
    const { errors, warnings } = await findingsOf(configuration, false, [Warned, Faulty]);
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

  it('reports all problems of a mapping of OpenAPI, as startup does', async () => {
    const imported = fromOpenApi({
      name: 'billing',
      document: { openapi: '3.1.0', info: { title: 'Billing', version: '1' }, paths: {} },
      baseUrl: 'billing',
      operations: { getInvoice: { name: 'get_invoice', scopes: ['billing:read'] } },
    });
    const { errors } = await findingsOf(configuration, true, [imported]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /2 problems.*fromOpenApi\("billing"\): its baseUrl must be an http or https URL.*: its document has no operation "getInvoice"/s,
      ),
    ]);
  });

  it('reports problems of offers that a provider adds at startup, with all warnings', async () => {
    const { errors, warnings } = await findingsOf(configuration, false, [Late]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/1 problem .*broken: its input member "a" has a pattern/s),
    ]);
    expect(warnings).toEqual([
      'a warning of its own',
      expect.stringMatching(/^added\.late: its name has a dot/),
    ]);
  });

  it.each(['onModuleInit', 'onApplicationBootstrap'] as const)(
    'finds that a provider fails in %s',
    async (hook) => {
      const failure = new Error('the billing service refuses');
      const modules = [starting(hook, failing(failure))];
      expect(await findingsOf(configuration, false, modules)).toEqual({
        errors: [failure],
        warnings: [],
      });
    },
  );

  it('lists every failing hook of a phase at once, and does not run the next phase', async () => {
    const failures = ['billing', 'search', 'mail'].map((name) => new Error(`the ${name} service refuses`));
    const late = jest.fn();
    const modules = [
      ...failures.map((failure) => starting('onModuleInit', failing(failure))),
      starting('onModuleInit', failing(failures[0] ?? new Error('none'))),
      starting('onApplicationBootstrap', late),
      Faulty,
    ];
    const { errors } = await findingsOf(configuration, false, modules);
    expect(errors).toHaveLength(4);
    expect(errors).toEqual(expect.arrayContaining([...failures, expect.any(CatalogError)]));
    expect(late).not.toHaveBeenCalled();
    const bootstrap = failures.map((failure) => starting('onApplicationBootstrap', failing(failure)));
    const { errors: later } = await findingsOf(configuration, false, bootstrap);
    expect(later).toHaveLength(3);
    expect(later).toEqual(expect.arrayContaining(failures));
  });

  it('only warns offline about a failed provider, unless a declaration is invalid', async () => {
    const modules = [starting('onModuleInit', failing(new Error('getaddrinfo EAI_AGAIN billing')))];
    expect(await findingsOf(configuration, true, modules)).toEqual({
      errors: [],
      warnings: [expect.stringMatching(/cannot determine .*: getaddrinfo EAI_AGAIN billing$/)],
    });
    expect(await findingsOf(configuration, true, [Late])).toMatchObject({
      errors: [expect.any(Error)],
    });
  });

  it('never connects to the database, even for a provider that uses it', async () => {
    expect(await findingsOf(configuration, false, [Reading])).toEqual({
      errors: [],
      warnings: ['The check cannot determine whether startup would fail: The database cannot be used.'],
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it('stops everything that it has started', async () => {
    const stopped = jest.fn();
    @Module({ providers: [{ provide: 'stopping', useValue: { onApplicationShutdown: stopped } }] })
    class Stopping {}
    await findingsOf(configuration, false, [Stopping]);
    expect(stopped).toHaveBeenCalledTimes(1);
  });
});
