import { readFileSync } from 'node:fs';

import {
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  Scope,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { catchError, type Observable, of } from 'rxjs';

import {
  AerieModule,
  type Configuration,
  fromOptions,
  LiveCatalog,
  McpTool,
  Principal,
} from '../src/index.js';
import { CatalogService } from '../src/mcp/catalog/catalog.service.js';
import { AerieTest, type AerieTestOptions } from '../src/testing/index.js';
import { SwitchGuard, Switches } from './examples/enhancers.js';
import {
  BrokenFilter,
  ends,
  FarFilter,
  FirstGuard,
  Masking,
  Offered,
  Refusing,
  SECRET,
  Stamp,
  startOffers,
  steps,
  SwitchesModule,
  TOOLS,
} from './support/enhanced/enhanced-offers.js';
import { sendJson, startUpstream, type UpstreamApi } from './support/upstream-api.js';

@Catch()
class EverythingFilter implements ExceptionFilter {
  catch(): string {
    return 'x';
  }
}

@Injectable()
class Catching implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError(() => of('x')));
  }
}

/** Fails if its constructor did not run, as that of a placeholder of NestJS. */
@Injectable({ scope: Scope.TRANSIENT })
class TransientGuard implements CanActivate {
  readonly #isOpen = true;

  canActivate(): boolean {
    return this.#isOpen;
  }
}

let upstream: UpstreamApi;
beforeAll(async () => {
  upstream = await startUpstream();
  upstream.answer = (_request, response) => sendJson(response, { id: 1, name: SECRET });
});
afterAll(() => upstream.close());
beforeEach(() => {
  steps.length = 0;
  ends.length = 0;
  Masking.seen.length = 0;
});

const start = (options: AerieTestOptions): Promise<AerieTest> => startOffers(upstream.url, options);

describe.each(['modern', 'legacy'] as const)('enhancers of an endpoint, in the %s era', (era) => {
  const caller = { organization: 'acme' };

  describe('that let calls pass', () => {
    let aerie: AerieTest;
    beforeAll(async () => {
      aerie = await start({
        enhancers: {
          guards: [FirstGuard, SwitchGuard],
          interceptors: [Masking],
          filters: [BrokenFilter, new FarFilter()],
        },
        imports: [SwitchesModule],
      });
    });
    afterAll(() => aerie.close());

    it.each(TOOLS)('run once around the tool %s, and change its result', async (name, input) => {
      const { text } = await aerie.as(caller, { era }).callTool(name, input);
      expect(text).toContain('***');
      expect(text).not.toContain(SECRET);
      const mark = name === 'operation' ? '' : ' marked';
      expect(Masking.seen).toEqual([`mcp tool ${name}${mark}`]);
    });

    it('run once around a resource, a template with its list and completions, and a prompt', async () => {
      const client = aerie.as(caller, { era });
      const sdk = await client.sdk();
      const answers = [
        await client.readResource('secret://fixed'),
        await client.readResource('secret://1/text'),
        await client.getPrompt('prompt'),
        await client.listResources(),
        await sdk.complete({
          ref: { type: 'ref/resource', uri: 'secret://{id}/text' },
          argument: { name: 'id', value: '' },
        }),
      ];
      for (const answer of answers) {
        expect(JSON.stringify(answer)).toContain('***');
        expect(JSON.stringify(answer)).not.toContain(SECRET);
      }
      const template = 'mcp resource template';
      expect(Masking.seen).toEqual(['mcp resource fixed', template, 'mcp prompt prompt', template, template]);
    });

    it('run before those of the class and the method', async () => {
      await aerie.as(caller, { era }).callTool('guarded');
      expect(steps).toEqual(['guard', 'interceptor', 'near guard', 'near interceptor', 'method']);
    });

    it('run around a route, whose own enhancers run within', async () => {
      await aerie.as(caller, { era }).callTool('route');
      expect(steps).toEqual(['guard', 'interceptor', 'near guard']);
    });

    it('map errors that no nearer filter maps', async () => {
      const client = aerie.as(caller, { era });
      await expect(client.callTool('broken')).resolves.toMatchObject({ text: 'mapped' });
      await expect(client.callTool('refused')).resolves.toMatchObject({ text: 'a farther filter' });
      await expect(client.callTool('filtered')).resolves.toMatchObject({ text: 'a nearer filter' });
    });

    it('inject providers of the imported modules', async () => {
      const { off } = aerie.application.get(Switches, { strict: false });
      off.add('operation');
      const client = aerie.as(caller, { era });
      const { text, isError } = await client.callTool('operation', { id: '1' });
      off.clear();
      expect({ text, isError }).toEqual({
        text: 'operation is switched off. Try again later.',
        isError: true,
      });
      expect((await client.callTool('operation', { id: '1' })).isError).toBeFalsy();
    });
  });

  it('refuse as a guard of the class does, and hide nothing', async () => {
    const plain = await start({});
    const aerie = await start({ enhancers: { guards: [Refusing] } });
    const tools = await aerie.as(caller, { era }).listTools();
    expect(tools).toEqual(await plain.as(caller, { era }).listTools());
    upstream.received.length = 0;
    ends.length = 0;
    const expected = await plain.as(caller, { era }).callTool('refused');
    const client = aerie.as(caller, { era });
    for (const [name, input] of TOOLS) {
      await expect(client.callTool(name, input)).resolves.toEqual(expected);
    }
    await expect(client.readResource('secret://fixed')).rejects.toThrow('Forbidden resource');
    await expect(client.getPrompt('prompt')).rejects.toThrow('Forbidden resource');
    expect(await client.listResources()).toHaveLength(1);
    const [ofClass = '', ...others] = ends.filter((end) => !end.startsWith('template'));
    const names = [...TOOLS.map(([name]) => name), 'fixed', 'prompt'];
    expect(others).toEqual(names.map((name) => ofClass.replace('refused', name)));
    expect([upstream.received, steps]).toEqual([[], []]);
    await plain.close();
    await aerie.close();
  });

  it('refuse callers without an organization if they need one, as a class does', async () => {
    const aerie = await start({
      enhancers: { interceptors: [Stamp] },
      variables: { TOOL_SEARCH: 'requested' },
    });
    const client = aerie.as({}, { era });
    const expected = await client.callTool('owned');
    expect(expected.text).toMatch(/^This needs an organization/);
    const [ofClass = ''] = ends;
    ends.length = 0;
    for (const [name, input] of TOOLS) {
      await expect(client.callTool(name, input)).resolves.toEqual(expected);
    }
    expect(ends).toEqual(TOOLS.map(([name]) => ofClass.replace('owned', name)));
    await expect(client.readResource('secret://fixed')).rejects.toThrow('This needs an organization');
    await expect(client.getPrompt('prompt')).rejects.toThrow('This needs an organization');
    const lists = [client.listTools(), client.listResources(), client.listPrompts()];
    expect(await Promise.all(lists)).toEqual([[], [], []]);
    const searching = aerie.as({}, { era, headers: { 'aerie-tool-search': 'on' } });
    expect(await searching.listTools()).toEqual([]);
    await expect(searching.callTool('search_tools', { query: 'secret' })).resolves.toEqual(expected);
    expect(steps).toEqual([]);
    await aerie.close();
  });

  it.each([
    ['a filter', { filters: [EverythingFilter] }],
    ['an interceptor', { interceptors: [Catching] }],
  ])('do not catch a question, such as %s of all errors', async (_what, enhancers) => {
    const aerie = await start({ enhancers, variables: { MCP_SESSIONS: 'on' } });
    const answers = { action: 'accept', content: {} } as const;
    const client = aerie.as(caller, { era, answers });
    expect((await client.callTool('asking')).text).toBe('accept');
    expect(client.questions).toEqual(['Sure?']);
    expect(steps).toEqual(['effect']);
    expect(ends).toEqual(['asking input_required undefined', 'asking ok undefined']);
    await aerie.close();
  });

  it('may be transient', async () => {
    @Injectable()
    class Guarded {
      @McpTool({ name: 'guarded', description: 'Has a guard.', scopes: 'authenticated' })
      @UseGuards(TransientGuard)
      guarded(): string {
        return 'open';
      }
    }
    const enhancers = { guards: [TransientGuard] };
    const aerie = await AerieTest.create({ providers: [Guarded] }, { enhancers }).compile();
    expect((await aerie.as(caller, { era }).callTool('guarded')).text).toBe('open');
    await aerie.close();
  });

  it('may be request-scoped, and keep parallel callers apart', async () => {
    const aerie = await start({ enhancers: { interceptors: [Stamp] } });
    const calls = Array.from({ length: 40 }, async (_, index) => {
      const organization = index % 2 ? 'acme' : 'globex';
      const [name] = TOOLS[index % 4 < 2 ? 0 : 3]!;
      const { text } = await aerie.as({ organization }, { era }).callTool(name);
      return text === `${SECRET} ${organization}`;
    });
    expect(await Promise.all(calls)).not.toContain(false);
    await aerie.close();
  });
});

describe('the enhancers of an endpoint', () => {
  it('run around the tools that search others', async () => {
    const variables = { TOOL_SEARCH: 'always' };
    const aerie = await start({ enhancers: { interceptors: [Masking] }, variables });
    const client = aerie.as({});
    await client.callTool('search_tools', { query: 'secret' });
    await client.callTool('call_tool', { name: 'declared' });
    await aerie.close();
    expect(Masking.seen).toEqual(['mcp tool search_tools', 'mcp tool declared marked']);
  });

  it('leave offers unchangeable', async () => {
    const aerie = await start({ enhancers: { guards: [FirstGuard] } });
    const { tools, resources, templates, prompts } = aerie.application.get(CatalogService, {
      strict: false,
    }).current;
    await aerie.close();
    expect(
      [...tools, ...resources, ...templates, ...prompts].filter((offer) => !Object.isFrozen(offer)),
    ).toEqual([]);
  });

  it('stop a public cache of what needs an organization', async () => {
    const aerie = await start({ enhancers: { interceptors: [Stamp] } });
    const live = aerie.application.get(LiveCatalog, { strict: false });
    const options = { name: 'public', uri: 'news://public', scopes: 'authenticated' } as const;
    const cache = { ttlMs: 1000, cacheScope: 'public' } as const;
    expect(() => live.addResource({ ...options, cache }, () => '')).toThrow("its cacheScope is 'public'");
    await aerie.close();
  });

  it('belong to one endpoint', async () => {
    const configuration = (path: string): Configuration =>
      fromOptions({
        nodeEnv: 'test',
        authMode: 'jwt',
        jwtJwksUri: 'http://localhost:1/keys',
        jwtIssuer: 'http://localhost:1',
        resourceUrl: `http://localhost:1${path}`,
      });
    const aerie = await AerieTest.create({
      imports: [
        AerieModule.forRoot(configuration('/mcp'), { enhancers: { interceptors: [Masking] } }),
        AerieModule.forRoot(configuration('/staff'), {
          endpoint: 'staff',
          enhancers: { guards: [Refusing] },
        }),
        AerieModule.forFeature([Offered], { endpoint: ['default', 'staff'] }),
      ],
    }).compile();
    const ofDefault = await aerie.as({}).callTool('declared');
    const ofStaff = await aerie.as({}, { endpoint: 'staff' }).callTool('declared');
    await aerie.close();
    expect([ofDefault.text, ofStaff.text]).toEqual(['***', 'Forbidden resource']);
    expect(Masking.seen).toHaveLength(1);
  });

  it('stop the start if NestJS cannot run them', async () => {
    class NoGuard {
      readonly isGuard = false;
    }
    const guards = [NoGuard as unknown as Type<CanActivate>];
    await expect(start({ enhancers: { guards } })).rejects.toThrow('NoGuard');
  });

  it('stop the start if they would keep data of one caller for others', async () => {
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Keeping extends FirstGuard {
      constructor(readonly principal: Principal) {
        super();
      }
    }
    await expect(start({ enhancers: { guards: [Keeping] } })).rejects.toThrow('Keeping: all callers');
  });

  it('are shown by docs/writing-tools.md as tested here', () => {
    const example = readFileSync('test/examples/enhancers.ts', 'utf8').replaceAll('../../src/', '../../');
    const isShown = readFileSync('docs/writing-tools.md', 'utf8').includes(`\`\`\`ts\n${example}\`\`\``);
    expect(isShown).toBe(true);
  });
});
