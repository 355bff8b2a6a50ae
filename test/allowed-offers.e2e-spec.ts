import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';

import { LiveCatalog, McpPrompt, McpTool, type Principal } from '../src/index.js';
import { AuthorizationService } from '../src/mcp/authorization/authorization.service.js';
import { CatalogError } from '../src/mcp/catalog/catalog-error.js';
import { CatalogService } from '../src/mcp/catalog/catalog.service.js';
import { AerieTest, type TestClient } from '../src/testing/index.js';
import { catalogProblems } from './support/catalog-problems.js';

const ORGANIZATIONS = ['acme', 'globex'] as const;
const base = { description: 'Reads the report.', scopes: 'authenticated' } as const;

const only =
  (organization: string) =>
  ({ organizationId }: Principal): boolean =>
    organizationId === organization;

/** Organizations that have bought the export. */
const buyers = new Set<string>();

@Injectable()
class ExportTools {
  @McpTool({
    ...base,
    name: 'export',
    allow: ({ organizationId = '' }) => buyers.has(organizationId),
  })
  export(): string {
    return 'exported';
  }

  @McpPrompt({
    name: 'globex_prompt',
    scopes: 'authenticated',
    allow: only('globex'),
    arguments: z.object({ customer: z.string() }),
    complete: { customer: 'customers' },
  })
  prompt(): string {
    return 'prompt of globex';
  }

  customers(): string[] {
    return ['customer of globex'];
  }
}

describe('offers that a function allows', () => {
  let aerie: AerieTest;
  const clients = new Map<string, TestClient>();
  const as = (organization: string): TestClient => clients.get(organization) as TestClient;
  const other = (organization: string): string => (organization === 'acme' ? 'globex' : 'acme');

  beforeAll(async () => {
    aerie = await AerieTest.create(
      { providers: [ExportTools] },
      { variables: { TOOL_SEARCH: 'requested' } },
    ).compile();
    const catalog = aerie.application.get(LiveCatalog, { strict: false });
    for (const organization of ORGANIZATIONS) {
      clients.set(organization, aerie.as({ subject: 'alice', organization }));
      const allow = only(organization);
      catalog.addTool({ ...base, name: `${organization}_tool`, allow }, () => `tool of ${organization}`);
      catalog.addTool(
        { ...base, name: `${organization}_secret`, allow, visibility: 'secret' },
        () => `secret of ${organization}`,
      );
      catalog.addResource(
        { name: `${organization}_file`, uri: `file://${organization}`, scopes: 'authenticated', allow },
        () => `file of ${organization}`,
      );
      catalog.addResource(
        { name: `${organization}_page`, uri: `${organization}://{id}`, scopes: 'authenticated', allow },
        () => `page of ${organization}`,
      );
    }
  });
  beforeEach(() => buyers.clear());
  afterAll(() => aerie.close());

  const toolsOf = async (organization: string): Promise<string[]> =>
    (await as(organization).listTools()).map(({ name }) => name);

  it('are listed for the allowed callers only, also when they list by turns', async () => {
    for (const organization of [...ORGANIZATIONS, ...ORGANIZATIONS]) {
      expect(await toolsOf(organization)).toEqual([`${organization}_secret`, `${organization}_tool`]);
      const names = (entries: { name: string }[]): string[] => entries.map(({ name }) => name);
      expect(names(await as(organization).listResources())).toEqual([`${organization}_file`]);
      expect(names(await as(organization).listResourceTemplates())).toEqual([`${organization}_page`]);
      expect(names(await as(organization).listPrompts())).toEqual(
        organization === 'globex' ? ['globex_prompt'] : [],
      );
    }
  });

  it.each(ORGANIZATIONS)('can be used by %s, and not by the other organization', async (organization) => {
    const stranger = as(other(organization));
    expect((await as(organization).callTool(`${organization}_tool`)).text).toBe(`tool of ${organization}`);
    await expect(stranger.callTool(`${organization}_tool`)).resolves.toMatchObject({
      isError: true,
      text: expect.stringMatching(/^This is not available to you\./) as unknown,
    });
    await expect(stranger.callTool(`${organization}_secret`)).rejects.toThrow(/unknown|not found/i);
    for (const uri of [`file://${organization}`, `${organization}://1`]) {
      const read = await as(organization).readResource(uri);
      expect(JSON.stringify(read)).toContain(`of ${organization}`);
      await expect(stranger.readResource(uri)).rejects.toThrow(/not available to you/);
    }
  });

  it('do not block what another offer has for the caller at the same URI', async () => {
    const catalog = aerie.application.get(LiveCatalog, { strict: false });
    const principals = new Map<string | undefined, Principal>();
    const removals = [
      ['acme', 'doc://{id}'],
      ['globex', 'doc://{+path}'],
    ].map(([organization = '', uri = '']) =>
      catalog.addResource(
        {
          name: `${organization}_doc`,
          uri,
          scopes: 'authenticated',
          allow: (principal) => {
            principals.set(principal.organizationId, principal);
            return only(organization)(principal);
          },
        },
        () => `doc of ${organization}`,
      ),
    );
    for (const organization of ORGANIZATIONS) {
      const read = await as(organization).readResource('doc://1');
      expect(JSON.stringify(read)).toContain(`doc of ${organization}`);
      // Decides about subscriptions.
      const authorization = aerie.application.get(AuthorizationService, { strict: false });
      const principal = principals.get(organization) as Principal;
      expect(authorization.mayRead(principal, 'doc://1')).toBe(true);
    }
    await expect(as('acme').readResource('doc://a/b')).rejects.toThrow(/not available to you/);
    // A fixed resource takes precedence over templates, also if it is denied.
    const fixed = {
      name: 'payroll',
      uri: 'doc://payroll',
      scopes: 'authenticated',
      allow: () => false,
    } as const;
    removals.push(catalog.addResource(fixed, () => 'secret'));
    await expect(as('acme').readResource('doc://payroll')).rejects.toThrow(/not available to you/);
    for (const remove of removals) remove();
  });

  it('ask the function once for each read', async () => {
    const allow = jest.fn(only('acme'));
    const remove = aerie.application
      .get(LiveCatalog, { strict: false })
      .addResource({ name: 'counted', uri: 'counted://{id}', scopes: 'authenticated', allow }, () => 'read');
    await as('acme').readResource('counted://1');
    expect(allow).toHaveBeenCalledTimes(1);
    remove();
  });

  it('complete arguments for the allowed callers only', async () => {
    const request = {
      ref: { type: 'ref/prompt', name: 'globex_prompt' },
      argument: { name: 'customer', value: '' },
    } as const;
    const complete = async (organization: string): Promise<unknown> =>
      (await as(organization).sdk()).complete(request);
    await expect(complete('globex')).resolves.toMatchObject({
      completion: { values: ['customer of globex'] },
    });
    await expect(complete('acme')).rejects.toThrow(/not available to you/);
  });

  it('are found by the allowed callers only', async () => {
    for (const organization of ORGANIZATIONS) {
      const client = aerie.as({ organization }, { headers: { 'Aerie-Tool-Search': 'on' } });
      const found = await client.callTool('search_tools', { query: 'report' });
      expect(found.text).toContain(`${organization}_tool`);
      expect(found.text).not.toContain(other(organization));
    }
  });

  it('appear and vanish with the data, for the same token', async () => {
    expect(await toolsOf('acme')).not.toContain('export');
    buyers.add('acme');
    expect(await toolsOf('acme')).toContain('export');
    expect(await toolsOf('globex')).not.toContain('export');
    expect((await as('acme').callTool('export')).text).toBe('exported');
    buyers.clear();
    expect(await toolsOf('acme')).not.toContain('export');
    expect((await as('acme').callTool('export')).isError).toBe(true);
  });

  it('make their lists private, and keep clients from caching them', () => {
    const { cacheHints } = aerie.application.get(CatalogService, { strict: false }).current;
    const uncached = { ttlMs: 0, cacheScope: 'private' };
    expect(cacheHints).toEqual({
      'tools/list': uncached,
      'prompts/list': uncached,
      'resources/list': uncached,
      'resources/templates/list': uncached,
    });
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no data');
      },
      /The allow function of the tool faulty threw an error: no data\./,
    ],
    ['returns a promise', () => Promise.resolve(true), /returned a promise, not true or false/],
    ['returns a promise that rejects', () => Promise.reject(new Error('late')), /returned a promise/],
    ['returns nothing', () => undefined, /returned undefined, not true or false/],
  ])('are refused to everybody if the function %s, which is reported once', async (_how, allow, fault) => {
    const report = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const remove = aerie.application
      .get(LiveCatalog, { strict: false })
      .addTool({ ...base, name: 'faulty', allow: allow as () => boolean }, () => 'called');
    expect(await toolsOf('acme')).not.toContain('faulty');
    expect((await as('acme').callTool('faulty')).isError).toBe(true);
    expect(report.mock.calls.map(([text]) => text)).toEqual([expect.stringMatching(fault)]);
    remove();
    report.mockRestore();
  });
});

describe('the declaration of such an offer', () => {
  it('is refused with an asynchronous function, or with a public cache', async () => {
    @Injectable()
    class Faulty {
      @McpTool({ ...base, name: 'faulty', allow: (async () => true) as unknown as () => boolean })
      faulty(): string {
        return 'called';
      }
    }
    await expect(catalogProblems({ providers: [Faulty] })).resolves.toEqual([
      expect.stringMatching(/^Faulty\.faulty: its allow must be a function that returns true or false/),
    ]);
    const aerie = await AerieTest.create({}).compile();
    const declaration = {
      name: 'file',
      uri: 'file://x',
      scopes: 'authenticated',
      allow: () => true,
    } as const;
    expect(() =>
      aerie.application
        .get(LiveCatalog, { strict: false })
        .addResource({ ...declaration, cache: { ttlMs: 1, cacheScope: 'public' } }, () => 'x'),
    ).toThrow(CatalogError);
    await aerie.close();
  });
});
