import { Injectable, Module } from '@nestjs/common';
import { Expose } from 'class-transformer';
import { IsOptional, IsString } from 'class-validator';
import { z } from 'zod';

import {
  McpTool,
  type McpToolOptions,
  RequireOrganization,
  RequirePermissions,
  RequireRoles,
  RequireScopes,
} from '../src/mcp/index.js';
import { HandbookTools } from './examples/chatgpt.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS, connectWithToken, type McpClient } from './support/clients.js';
import { ERAS, message, post, postLegacy, postModern, resultIn, toolCall } from './support/rpc.js';

const described = { description: 'A tool of the test.', annotations: { readOnlyHint: true } } as const;

class ExposedOrganization {
  @Expose({ name: 'org_id' })
  @IsOptional()
  @IsString()
  orgId?: string;
}

@Injectable()
class Scoped {
  @McpTool({ ...described, name: 'read', scopes: ['todo:read'] })
  read(): string {
    return 'read';
  }

  @McpTool({ ...described, name: 'write', scopes: ['todo:write'] })
  write(): string {
    return 'written';
  }

  @McpTool({ ...described, name: 'both', scopes: ['todo:read', 'mail:send'] })
  both(): string {
    return 'both';
  }

  @McpTool({ ...described, name: 'either', scopes: { anyOf: ['report:read', ['todo:read', 'mail:send']] } })
  either(): string {
    return 'either';
  }

  @McpTool({ ...described, name: 'found', scopes: ['mail:send'], visibility: 'discoverable' })
  found(): string {
    return 'found';
  }

  @McpTool({ ...described, name: 'hidden', scopes: ['vault:open'], visibility: 'secret', cost: 7 })
  hidden(): string {
    return 'hidden';
  }

  @McpTool({
    ...described,
    name: 'of_organization',
    scopes: 'authenticated',
    input: z.object({ orgId: z.string().trim().optional() }),
    organizationArgument: 'orgId',
  })
  ofOrganization(_input: { orgId?: string | undefined }): string {
    return 'of the organization';
  }

  @McpTool({
    ...described,
    name: 'of_numbered_organization',
    scopes: 'authenticated',
    input: z.object({ orgId: z.number() }),
    organizationArgument: 'orgId',
  })
  ofNumberedOrganization({ orgId }: { orgId: number }): string {
    return `of ${orgId}`;
  }

  @McpTool({
    ...described,
    name: 'of_renamed_organization',
    scopes: 'authenticated',
    input: z.object({ org_id: z.string().optional() }).transform(({ org_id: orgId }) => ({ orgId })),
    // @ts-expect-error the method receives the member under another name
    organizationArgument: 'org_id',
  })
  ofRenamedOrganization({ orgId }: { orgId: string | undefined }): string {
    return `of ${orgId}`;
  }

  @McpTool({
    ...described,
    name: 'of_exposed_organization',
    scopes: 'authenticated',
    input: ExposedOrganization,
    // @ts-expect-error the class has the member under another name
    organizationArgument: 'org_id',
  })
  ofExposedOrganization({ orgId }: ExposedOrganization): string {
    return `of ${orgId}`;
  }
}

@RequireScopes('team:enter')
@RequireRoles({ anyOf: ['admin', 'lead'] })
@Injectable()
class Team {
  @McpTool({ ...described, name: 'team', scopes: 'authenticated' })
  team(): string {
    return 'team';
  }

  @McpTool({ ...described, name: 'team_write', scopes: ['todo:write'] })
  write(): string {
    return 'written';
  }
}

@Injectable()
class Further extends Team {
  @McpTool({ ...described, name: 'further', scopes: ['mail:send'] })
  further(): string {
    return 'further';
  }

  @McpTool({ ...described, name: 'team_of_further', scopes: 'authenticated' })
  override team(): string {
    return 'team';
  }

  @McpTool({ ...described, name: 'team_write_of_further', scopes: 'authenticated' })
  override write(): string {
    return 'written';
  }
}

@RequirePermissions('billing:edit', 'billing:view')
@RequireOrganization()
@Injectable()
class Billing {
  @McpTool({ ...described, name: 'billing', scopes: 'authenticated' })
  billing(): string {
    return 'billing';
  }

  @McpTool({ ...described, name: 'secret_billing', scopes: 'authenticated', visibility: 'secret' })
  secret(): string {
    return 'billing';
  }
}

@Module({ providers: [Scoped, Team, Further, Billing] })
class Tools {}

const SCOPES =
  'admin mail:send org:read report:read team:enter todo:read todo:write usr:read vault:open todo:all'.split(
    ' ',
  );
@Module({ providers: [HandbookTools] })
class HandbookModule {}

const start = (environment: NodeJS.ProcessEnv = {}): Promise<Aerie> =>
  startAerie({ modules: [Tools], environment, issuer: { scopes: () => SCOPES } });

/** Outcome of a call: its text, its error code, or the scopes of its challenge. */
interface Answer {
  readonly status: number;
  readonly text: string | undefined;
  readonly isError: boolean;
  readonly code: number | undefined;
  readonly asked: string | undefined;
  readonly meta: Record<string, unknown> | undefined;
}

async function answerOf(response: Response): Promise<Answer> {
  const { result, error } = (await response.json()) as {
    result?: { content: { text: string }[]; isError?: boolean; _meta?: Record<string, unknown> };
    error?: { code: number };
  };
  return {
    status: response.status,
    text: result?.content[0]?.text,
    isError: result?.isError ?? false,
    code: error?.code,
    asked: /scope="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1],
    meta: result?._meta,
  };
}

describe('authorization', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await start();
  });
  afterAll(() => aerie.close());

  const token = (scope: string, claims: Record<string, unknown> = {}): Promise<string> =>
    aerie.token({ claims: { scope, scopes: undefined, ...claims } });

  describe.each(ERAS)('in the era of %s', (era, send) => {
    const call = async (
      name: string,
      scope: string,
      { claims, args }: { claims?: Record<string, unknown>; args?: object } = {},
    ): Promise<Answer> => answerOf(await send(aerie.url, await token(scope, claims), toolCall(name, args)));
    const list = async (scope: string, claims?: Record<string, unknown>): Promise<string[]> => {
      const response = await send(aerie.url, await token(scope, claims), { method: 'tools/list' });
      const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
      return result.tools.map(({ name }) => name);
    };

    it('requires all scopes of a list, and challenges for all of them, including granted ones', async () => {
      expect(await call('both', 'todo:read')).toMatchObject({ status: 403, asked: 'todo:read mail:send' });
      expect(await call('both', 'todo:read mail:send')).toMatchObject({ text: 'both' });
      expect(await list('todo:read')).not.toContain('both');
      expect(await list('todo:read mail:send')).toContain('both');
    });

    it('requires one of the alternatives, and challenges for the first', async () => {
      expect(await call('either', '')).toMatchObject({ status: 403, asked: 'report:read' });
      const asked = era === '2026-07-28' ? 'report:read' : 'report:read todo:read';
      expect(await call('either', 'todo:read')).toMatchObject({ status: 403, asked });
      expect(await call('either', 'report:read')).toMatchObject({ text: 'either' });
      expect(await call('either', 'todo:read mail:send')).toMatchObject({ text: 'either' });
    });

    it('requires the scopes of the class and of the tool', async () => {
      expect(await call('team', '')).toMatchObject({ status: 403, asked: 'team:enter' });
      expect(await call('team_write', 'todo:write')).toMatchObject({ asked: 'team:enter todo:write' });
      expect(await call('team_write', 'team:enter todo:write')).toMatchObject({ text: 'written' });
      expect(await list('team:enter')).toEqual(expect.arrayContaining(['team', 'team_of_further']));
      expect(await list('todo:write')).not.toContain('team_write');
    });

    it('requires the scopes of a parent class too', async () => {
      expect(await call('further', 'mail:send')).toMatchObject({ asked: 'team:enter mail:send' });
      expect(await call('team_of_further', '')).toMatchObject({ asked: 'team:enter' });
    });

    it('reports a missing role without a challenge', async () => {
      const claims = { roles: ['member'] };
      const answer = await call('team', '', { claims });
      expect(answer).toMatchObject({ status: 200, isError: true });
      expect(answer.text).toMatch(/needs the role admin, or lead.*Signing in again does not change that/);
      expect(await list('team:enter', claims)).not.toContain('team');
      expect(await call('team', 'team:enter', { claims: { roles: ['lead'] } })).toMatchObject({
        text: 'team',
      });
    });

    it('reports missing permissions and a missing organization', async () => {
      const has = { permissions: ['billing:edit', 'billing:view'] };
      const without = await call('billing', '', { claims: { permissions: ['billing:edit'] } });
      expect(without).toMatchObject({ status: 200, isError: true });
      expect(without.text).toMatch(/needs the permissions billing:edit and billing:view/);
      const nowhere = await call('billing', '', { claims: { ...has, oid: undefined } });
      expect(nowhere).toMatchObject({ status: 200, isError: true });
      expect(nowhere.text).toMatch(/needs an organization/);
      expect(await list('', { ...has, oid: undefined })).not.toContain('billing');
      expect(await list('', has)).toContain('billing');
      expect(await call('billing', '', { claims: has })).toMatchObject({ text: 'billing' });
    });

    it('lists a discoverable tool, and challenges its call', async () => {
      expect(await list('')).toContain('found');
      expect(await call('found', '')).toMatchObject({ status: 403, asked: 'mail:send' });
      expect(await call('found', 'mail:send')).toMatchObject({ text: 'found' });
    });

    it('returns the same error for a secret tool as for an unknown tool', async () => {
      const stranger = await token('todo:read');
      const ask = async (name: string): Promise<unknown> => {
        const response = await send(aerie.url, stranger, toolCall(name));
        const headers = Object.fromEntries(
          [...response.headers].filter(([header]) => !/^(date|x-request-id|ratelimit)/.test(header)),
        );
        const limits = [...response.headers.keys()].filter((header) => /ratelimit/.test(header));
        return {
          status: response.status,
          headers,
          limits,
          body: (await response.text()).replace(name, 'NAME'),
        };
      };
      expect(await ask('hidden')).toEqual(await ask('no_one'));
      expect(await ask('secret_billing')).toEqual(await ask('unknown__tools'));
      expect(await call('hidden', '')).toMatchObject({ status: 200, code: -32602 });
      expect(await list('')).not.toContain('hidden');
      expect(await list('vault:open')).toContain('hidden');
      expect(await call('hidden', 'vault:open')).toMatchObject({ text: 'hidden' });
    });

    it('accepts only the caller’s organization in a bound argument', async () => {
      const ask = (args: object, claims?: Record<string, unknown>): Promise<Answer> =>
        call('of_organization', '', { args, ...(claims && { claims }) });
      expect(await ask({})).toMatchObject({ text: 'of the organization' });
      expect(await ask({ orgId: 'org_acme' })).toMatchObject({ text: 'of the organization' });
      expect(await ask({ orgId: ' org_acme ' })).toMatchObject({ text: 'of the organization' });
      expect(await ask({ orgId: 'org_globex' })).toMatchObject({
        status: 200,
        isError: true,
        text: expect.stringMatching(/orgId may only name your own organization/),
      });
      expect(await ask({ orgId: 'org_acme' }, { oid: undefined })).toMatchObject({ isError: true });
      expect(await list('', { oid: undefined })).not.toContain('of_organization');
    });

    it('accepts the number of the caller’s organization in a bound argument', async () => {
      const ask = (orgId: number, oid: string): Promise<Answer> =>
        call('of_numbered_organization', '', { args: { orgId }, claims: { oid } });
      expect(await ask(42, '42')).toMatchObject({ text: 'of 42' });
      expect(await ask(43, '42')).toMatchObject({ isError: true });
      expect(await ask(42, '042')).toMatchObject({ isError: true });
      // The number has lost digits, so it may be another organization.
      expect(await ask(2 ** 53, '9007199254740992')).toMatchObject({ isError: true });
    });

    it.each(['of_renamed_organization', 'of_exposed_organization'])(
      'accepts only the caller’s organization in a bound argument that the schema renames: %s',
      async (name) => {
        const ask = (args: object): Promise<Answer> => call(name, '', { args });
        expect(await ask({ org_id: 'org_acme' })).toMatchObject({ text: 'of org_acme' });
        expect(await ask({})).toMatchObject({ text: 'of undefined' });
        expect(await ask({ org_id: null })).toMatchObject({ text: 'of undefined' });
        expect(await ask({ org_id: 'org_globex' })).toMatchObject({
          isError: true,
          text: expect.stringMatching(/org_id may only name your own organization/),
        });
      },
    );
  });

  it('counts a call of a secret tool like a call of an unknown tool', async () => {
    const limited = await start({ RATE_LIMIT_CALLER: '10/min', RATE_LIMIT_TOOL: '1/min' });
    try {
      const stranger = await limited.token({ scope: 'usr:read' });
      const left: (string | null)[] = [];
      for (const name of ['hidden', 'no_such', 'hidden', 'no_such']) {
        const { status, headers } = await post(limited.url, stranger, message(toolCall(name)));
        expect(status).toBe(200);
        left.push(headers.get('ratelimit-remaining'));
      }
      expect(left).toEqual(['9', '8', '7', '6']);
    } finally {
      await limited.close();
    }
  });

  it('challenges a batch for the scopes of all its calls, except secret tools', async () => {
    const response = await post(aerie.url, await token('report:read'), [
      message(toolCall('either', {}, 1)),
      message(toolCall('write', {}, 2)),
      message(toolCall('hidden', {}, 3)),
      message(toolCall('secret_billing', {}, 4)),
      message(toolCall('both', {}, 5)),
    ]);
    expect(await answerOf(response)).toMatchObject({
      status: 403,
      asked: 'report:read todo:write todo:read mail:send',
    });
  });

  it('publishes the scopes of all tools except secret ones', async () => {
    const response = await fetch(`${aerie.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await response.json()).toMatchObject({
      scopes_supported: SCOPES.filter((scope) => !['vault:open', 'todo:all'].includes(scope)).toSorted(),
    });
    const challenge = (await post(aerie.url, undefined, {})).headers.get('www-authenticate');
    expect(challenge).toContain('todo:read');
    expect(challenge).not.toContain('vault:open');
  });

  it('warns if the configured metadata lists other scopes', async () => {
    const metadata = {
      resource: aerie.url,
      authorization_servers: [aerie.issuer.resourceIssuer],
      scopes_supported: ['todo:read', 'openid', 'nobody:needs'],
    };
    const other = await startAerie({
      modules: [Tools],
      environment: {
        SK_ENV_URL: aerie.issuer.url,
        RESOURCE_URL: '',
        PROTECTED_RESOURCE_METADATA: JSON.stringify(metadata),
      },
    });
    try {
      const log = other.logs.join('\n');
      expect(log).toMatch(/scopes_supported lacks admin mail:send org:read/);
      expect(log).toMatch(/scopes_supported has nobody:needs, which nothing on this server needs/);
    } finally {
      await other.close();
    }
  });

  describe('with a scope hierarchy', () => {
    let other: Aerie;
    beforeAll(async () => {
      other = await start({
        SCOPE_HIERARCHY: 'todo:all > todo:*; todo:write > todo:read; todo:* > report:read',
        SIGN_IN_SCOPES: 'todo:all',
      });
    });
    afterAll(() => other.close());

    it.each(ERAS)('applies it to lists, calls and challenges: %s', async (era, send) => {
      const as = (scope: string): Promise<string> => other.token({ claims: { scope, scopes: undefined } });
      const names = async (scope: string): Promise<string> =>
        (await send(other.url, await as(scope), { method: 'tools/list' })).text();
      expect(await names('todo:write')).toMatch(/"read".*"write"/);
      expect(await names('todo:read')).not.toContain('"write"');
      expect(await names('todo:all')).toMatch(/"either".*"read".*"write"/);
      const call = async (name: string, scope: string): Promise<Answer> =>
        answerOf(await send(other.url, await as(scope), toolCall(name)));
      expect(await call('read', 'todo:write')).toMatchObject({ text: 'read' });
      expect(await call('write', 'todo:all')).toMatchObject({ text: 'written' });
      const asked = era === '2026-07-28' ? 'todo:write' : 'todo:write todo:read';
      expect(await call('write', 'todo:read')).toMatchObject({ status: 403, asked });
      expect(await call('either', 'todo:all')).toMatchObject({ text: 'either' });
      expect(await call('both', 'todo:write mail:send')).toMatchObject({ text: 'both' });
    });

    it('shows a caller’s scopes as in the token', async () => {
      const response = await post(
        other.url,
        await other.token({ claims: { scope: 'todo:all', scopes: undefined } }),
        message(toolCall('whoami')),
      );
      expect(await response.text()).toContain('[\\"todo:all\\"]');
    });
  });

  describe('with INSUFFICIENT_SCOPE_AS=result', () => {
    let other: Aerie;
    beforeAll(async () => {
      other = await startAerie({
        modules: [Tools, HandbookModule],
        environment: { INSUFFICIENT_SCOPE_AS: 'result', TOOL_SEARCH: 'requested' },
        issuer: { scopes: () => [...SCOPES, 'handbook:read'] },
      });
    });
    afterAll(() => other.close());

    describe.each(CLIENTS)('ChatGPT’s tools, with the official client: %s', (...which) => {
      let client: McpClient;
      beforeAll(async () => {
        const claims = { scope: 'handbook:read', scopes: undefined };
        client = await connectWithToken(which, other.url, await other.token({ claims }));
      });
      afterAll(() => client.close());

      it('find documents and return one, as structured content and as one text', async () => {
        const found = { results: [{ id: 'leave', title: 'Parental leave', url: expect.any(String) }] };
        const page = {
          id: 'travel',
          title: 'Travel',
          url: 'https://handbook.acme.example/travel',
          text: 'Book the train, and keep the receipt.',
          metadata: { updated: '2026-10-01' },
        };
        for (const [call, expected] of [
          [{ name: 'search', arguments: { query: 'parental' } }, found],
          [{ name: 'fetch', arguments: { id: 'travel' } }, page],
        ] as const) {
          const { content, structuredContent } = (await client.callTool(call)) as {
            content: { type: string; text: string }[];
            structuredContent: unknown;
          };
          expect(structuredContent).toEqual(expected);
          expect(content).toEqual([{ type: 'text', text: JSON.stringify(structuredContent) }]);
        }
        await expect(client.callTool({ name: 'fetch', arguments: { id: 'x' } })).resolves.toMatchObject({
          isError: true,
          content: [{ text: expect.stringContaining('Use the id of a result of search') }],
        });
      });

      it('are listed as read-only, with exact schemas and the scopes of a sign-in', async () => {
        const { tools } = await client.listTools();
        const securitySchemes = [{ type: 'oauth2', scopes: ['handbook:read'] }];
        expect(tools.find(({ name }) => name === 'search')).toMatchObject({
          description: 'Searches the handbook of Acme.',
          annotations: { readOnlyHint: true },
          inputSchema: { properties: { query: { type: 'string' } }, required: ['query'] },
          outputSchema: {
            properties: { results: { items: { required: ['id', 'title', 'url'] } } },
            required: ['results'],
          },
          _meta: { securitySchemes },
        });
        expect(tools.find(({ name }) => name === 'fetch')).toMatchObject({
          description: 'Returns a document that search found, with its full text.',
          annotations: { readOnlyHint: true },
          inputSchema: { properties: { id: { type: 'string' } }, required: ['id'] },
          outputSchema: { required: ['id', 'title', 'url', 'text'] },
          _meta: { securitySchemes },
        });
      });
    });

    it('keeps the tools of ChatGPT in the list of a client that searches', async () => {
      const reader = await other.token({ claims: { scope: 'handbook:read', scopes: undefined } });
      const headers = { 'aerie-tool-search': 'on' };
      const response = await postLegacy(other.url, reader, { method: 'tools/list' }, headers);
      const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
      expect(result.tools.map(({ name }) => name)).toEqual([
        'call_tool',
        'describe_tools',
        'fetch',
        'search',
        'search_tools',
      ]);
    });

    it.each(ERAS)('describes tools with their security schemes, as in a list: %s', async (_era, send) => {
      const reader = await other.token({ claims: { scope: 'handbook:read', scopes: undefined } });
      const ask = toolCall('describe_tools', { names: ['search'] });
      const answer = await send(other.url, reader, ask, { 'aerie-tool-search': 'on' });
      expect(await resultIn(answer)).toMatchObject({
        structuredContent: {
          tools: [{ name: 'search', securitySchemes: [{ type: 'oauth2', scopes: ['handbook:read'] }] }],
        },
      });
    });

    it.each(ERAS)('names the alternatives of each tool as security schemes: %s', async (_era, send) => {
      const response = await send(other.url, await other.token(), { method: 'tools/list' });
      const { result } = (await response.json()) as {
        result: { tools: { name: string; securitySchemes?: unknown; _meta?: Record<string, unknown> }[] };
      };
      expect(result.tools.length).toBeGreaterThan(0);
      for (const { securitySchemes, _meta } of result.tools) {
        expect(securitySchemes).toEqual(
          expect.arrayContaining([{ type: 'oauth2', scopes: expect.any(Array) }]),
        );
        expect(_meta?.['securitySchemes']).toEqual(securitySchemes);
      }
    });

    it('leaves them out without INSUFFICIENT_SCOPE_AS=result', async () => {
      const response = await postModern(aerie.url, await aerie.token(), { method: 'tools/list' });
      expect(await response.text()).not.toContain('securitySchemes');
    });

    it.each(ERAS)('returns a result that names the missing scope: %s', async (_era, send) => {
      const stranger = await other.token({ claims: { scope: '', scopes: undefined } });
      const answer = await answerOf(await send(other.url, stranger, toolCall('both')));
      expect(answer).toMatchObject({ status: 200, isError: true, asked: undefined });
      expect(answer.text).toMatch(/needs the scopes todo:read mail:send\. Sign in again/);
      expect(answer.meta?.['mcp/www_authenticate']).toEqual([
        expect.stringMatching(/^Bearer .*error="insufficient_scope".*scope="todo:read mail:send"/),
      ]);
      expect(await answerOf(await send(other.url, stranger, toolCall('hidden')))).toMatchObject({
        code: -32602,
      });
    });

    it('names the requested host in the challenge of a result', async () => {
      const stranger = await other.token({ claims: { scope: '', scopes: undefined } });
      const url = other.url.replace('localhost', '127.0.0.1');
      const { meta } = await answerOf(await postLegacy(url, stranger, toolCall('both')));
      expect(meta?.['mcp/www_authenticate']).toEqual([
        expect.stringContaining('resource_metadata="http://127.0.0.1:'),
      ]);
    });

    it('serves the other calls of a batch', async () => {
      const caller = await other.token({ claims: { scope: 'todo:read', scopes: undefined } });
      const response = await post(other.url, caller, [
        message(toolCall('read', {}, 1)),
        message(toolCall('write', {}, 2)),
      ]);
      const answers = (await response.json()) as { id: number; result: { isError?: boolean } }[];
      expect(answers.find(({ id }) => id === 1)?.result.isError).toBeUndefined();
      expect(answers.find(({ id }) => id === 2)?.result.isError).toBe(true);
    });
  });

  it('logs denials with the reason and without the token', async () => {
    const caller = await token('', { roles: [] });
    await postModern(aerie.url, caller, toolCall('team'));
    const line = aerie.logs.findLast((text) => text.includes('"tool":"team"'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ outcome: 'denied', reason: 'forbidden' });
  });
});

const INPUT = z.object({ a: z.string() });
type Options = Partial<Pick<McpToolOptions, 'scopes' | 'roles' | 'permissions' | 'annotations'>>;

@Injectable()
class WrongArgument {
  @McpTool({
    ...described,
    name: 'wrong_argument',
    scopes: 'authenticated',
    input: INPUT,
    // @ts-expect-error the input has no such member
    organizationArgument: 'orgId',
  })
  run(): string {
    return '';
  }
}

describe('the start', () => {
  const failureWith = async (
    provider: new () => object,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<string> => {
    @Module({ providers: [provider] })
    class Faulty {}
    try {
      const aerie = await startAerie({ modules: [Faulty], environment });
      await aerie.close();
    } catch (error) {
      return String(error);
    }
    throw new Error('The start succeeded.');
  };
  const declared = (options: Options): new () => object => {
    @Injectable()
    class Declared {
      @McpTool({ ...described, name: 'declared', input: INPUT, ...options })
      run(_input: { a: string }): string {
        return '';
      }
    }
    return Declared;
  };

  it.each<[string, Options, RegExp]>([
    ['no scope rule', {}, /Declared\.run: it does not declare its scopes.*scopes: 'authenticated'/],
    ['roles but no scope rule', { roles: ['admin'] }, /does not declare its scopes/],
    ['an empty list of scopes', { scopes: [] }, /its scopes is empty/],
    ['no alternative', { scopes: { anyOf: [] } }, /its scopes is empty/],
    ['an empty alternative', { scopes: { anyOf: ['a', []] } }, /its scopes is empty/],
    ['an invalid scope', { scopes: { anyOf: ['a', 'b c'] } }, /its scope "b c" is invalid/],
    ['an empty list of roles', { scopes: 'authenticated', roles: [] }, /its roles is empty/],
    ['no permission', { scopes: 'authenticated', permissions: { anyOf: [] } }, /its permissions is empty/],
  ])('refuses a tool with %s', async (_what, options, problem) => {
    expect(await failureWith(declared(options))).toMatch(problem);
  });

  it('rejects an empty alternative of a class, which the scopes of its tools would hide', async () => {
    const declaredToo = declared({ scopes: ['a'] });
    RequireScopes({ anyOf: ['b', []] })(declaredToo);
    expect(await failureWith(declaredToo)).toMatch(/Declared\.run: its scopes is empty/);
  });

  it('rejects an organization argument that the input lacks', async () => {
    expect(await failureWith(WrongArgument)).toMatch(
      /WrongArgument\.run: its organizationArgument "orgId" is not in its input/,
    );
  });

  it('rejects every unknown scope in the hierarchy', async () => {
    const environment = { SCOPE_HIERARCHY: 'admin > usr:raed; nobody:* > usr:read' };
    const failure = await failureWith(declared({ scopes: 'authenticated' }), environment);
    expect(failure).toMatch(/2 problems/);
    expect(failure).toMatch(
      /SCOPE_HIERARCHY: "usr:raed" is not a scope that any tool, resource, prompt or route needs\. Did you mean "usr:read"\?/,
    );
    expect(failure).toMatch(/SCOPE_HIERARCHY: "nobody:\*" is not a scope/);
  });

  it('rejects a cyclic or invalid hierarchy', async () => {
    const circle = { SCOPE_HIERARCHY: 'admin > usr:read > admin' };
    expect(await failureWith(declared({ scopes: 'authenticated' }), circle)).toMatch(
      /SCOPE_HIERARCHY: contains a cycle: admin > usr:read > admin/,
    );
    expect(await failureWith(declared({ scopes: 'authenticated' }), { SCOPE_HIERARCHY: 'a > > b' })).toMatch(
      /SCOPE_HIERARCHY: "a > > b" is invalid/,
    );
  });

  it('warns about tools that clients must treat as destructive', async () => {
    @Module({ providers: [declared({ scopes: 'authenticated', annotations: { title: 'Silent' } })] })
    class Silent {}
    const aerie = await startAerie({ modules: [Silent] });
    await aerie.close();
    expect(aerie.logs.join('\n')).toMatch(/Clients must treat declared as destructive/);
  });
});
