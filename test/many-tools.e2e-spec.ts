import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Controller, Get, Injectable, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Tool } from '@modelcontextprotocol/server';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AerieModule, ExposeAsTool, fromEnvironment, LiveCatalog, McpTool } from '../src/index.js';
import { Listings } from '../src/mcp/server/listings.js';
import { providerOf } from '../src/routes/provider-of.js';
import { AerieTest, type TestCaller } from '../src/testing/index.js';
import { aPrincipal } from './support/principal.js';
import { CLIENTS } from './support/clients.js';
import { growth, LINEAR } from './support/growth.js';
import { ERAS, message, post, resultText, toolCall } from './support/rpc.js';
import { freePort } from './support/ports.js';
import { eventually } from './support/until.js';

const READ = { readOnlyHint: true } as const;

@Injectable()
class CompanyTools {
  @McpTool({
    name: 'about',
    description: 'Tells about the company.',
    scopes: 'authenticated',
    annotations: READ,
  })
  about(): string {
    return 'about';
  }

  @McpTool({
    name: 'refund',
    group: 'billing',
    description: 'Refunds a payment.',
    scopes: ['billing:write'],
    annotations: READ,
  })
  refund(): string {
    return 'refunded';
  }

  @McpTool({
    name: 'invoices',
    group: 'billing',
    description: 'Lists invoices.',
    scopes: 'authenticated',
    annotations: READ,
  })
  invoices(): string {
    return 'invoices';
  }

  @McpTool({
    name: 'leads',
    group: 'crm',
    description: 'Lists leads.',
    scopes: 'authenticated',
    annotations: READ,
  })
  leads(): string {
    return 'leads';
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

@Controller('payments')
class PaymentsController {
  @ExposeAsTool({
    name: 'payment',
    group: 'billing',
    description: 'Shows a payment.',
    scopes: 'authenticated',
  })
  @Get(':id')
  payment(@Param('id') id: string): { id: string } {
    return { id };
  }
}

describe('tool groups', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aerie-groups-'));
  const policy = join(folder, 'policy.json');
  const writePolicy = (content: object): void => writeFileSync(policy, JSON.stringify(content));
  let aerie: AerieTest<NestExpressApplication>;

  beforeAll(async () => {
    writePolicy({ org_globex: { denyGroups: ['billing'] }, org_initech: { allowGroups: ['crm'] } });
    aerie = await start();
  });
  afterAll(async () => {
    aerie.application.getHttpServer().closeAllConnections();
    await aerie.close();
    rmSync(folder, { recursive: true });
  });

  async function start(own: Record<string, string> = {}): Promise<AerieTest<NestExpressApplication>> {
    const port = await freePort();
    const url = `http://localhost:${port}/mcp`;
    return AerieTest.start(
      (common) => {
        const variables = { ...common, TOOL_POLICY: policy, ...own };
        const billing = { ...variables, RESOURCE_URL: `${url}/billing`, TOOL_GROUPS: 'billing' };

        @Module({
          imports: [
            AerieModule.forRoot(fromEnvironment(variables)),
            AerieModule.forRoot(fromEnvironment(billing), { endpoint: 'billing' }),
          ],
          providers: [CompanyTools],
          controllers: [PaymentsController],
        })
        class CompanyModule {}
        return NestFactory.create<NestExpressApplication>(CompanyModule, {
          logger: false,
          abortOnError: false,
        });
      },
      { port },
    );
  }

  const ALL: TestCaller = { organization: 'org_acme', scopes: ['billing:write', 'vault:open'] };
  const POOR: TestCaller = { organization: 'org_acme', scopes: [] };
  const groups = (names: string): Record<string, string> => ({ 'aerie-tool-groups': names });
  const listed = async (caller: TestCaller, names?: string, endpoint?: string): Promise<string[]> => {
    const headers = names === undefined ? {} : groups(names);
    const tools = await aerie
      .as(caller, { headers, ...(endpoint !== undefined && { endpoint }) })
      .listTools();
    return tools.map(({ name }) => name);
  };

  describe('of a client', () => {
    it('narrow its list', async () => {
      expect(await listed(ALL)).toEqual(['about', 'invoices', 'leads', 'open_vault', 'payment', 'refund']);
      expect(await listed(ALL, 'billing')).toEqual(['invoices', 'payment', 'refund']);
      expect(await listed(ALL, ' crm , vault,')).toEqual(['leads', 'open_vault']);
      expect(await listed(POOR, 'billing')).toEqual(['invoices', 'payment']);
      expect(await listed(ALL, '')).toHaveLength(6);
    });

    it.each(CLIENTS)('narrow lists and calls of the official client, %s', async (_name, attempt) => {
      const headers = { authorization: `Bearer ${await aerie.token(ALL)}`, ...groups('billing') };
      const client = await attempt(aerie.url, { requestInit: { headers } }).connect();
      try {
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name)).toEqual(['invoices', 'payment', 'refund']);
        expect(await client.callTool({ name: 'refund', arguments: {} })).toMatchObject({
          content: [{ text: 'refunded' }],
        });
        await expect(client.callTool({ name: 'leads', arguments: {} })).rejects.toThrow(
          /Unknown tool: leads/,
        );
      } finally {
        await client.close();
      }
    });

    it.each(ERAS)('hide other tools like unknown ones: %s', async (_era, send) => {
      const token = await aerie.token(ALL);
      const answer = async (name: string): Promise<string> =>
        (await send(aerie.url, token, toolCall(name), groups('billing'))).text();
      expect((await answer('leads')).replace('leads', 'xxxxx')).toBe(await answer('xxxxx'));
    });

    it('do not replace scopes', async () => {
      const token = await aerie.token(POOR);
      const refused = await post(aerie.url, token, message(toolCall('refund')), groups('billing'));
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toContain('billing:write');
    });

    const refusal = async (caller: TestCaller, names: string): Promise<string> => {
      const response = await post(
        aerie.url,
        await aerie.token(caller),
        message({ method: 'tools/list' }),
        groups(names),
      );
      expect(response.status).toBe(400);
      const { id, error } = (await response.json()) as { id: unknown; error: { message: string } };
      expect(id).toBe(1);
      return error.message;
    };

    it('are refused if they are unknown, with those that the caller may know of', async () => {
      expect(await refusal(ALL, 'biling')).toBe(
        'Unknown tool group "biling" in the header Aerie-Tool-Groups. Did you mean "billing"? Use some of billing, crm, vault.',
      );
      expect(await refusal(POOR, 'vault')).toBe(
        'Unknown tool group "vault" in the header Aerie-Tool-Groups. Use some of billing, crm.',
      );
      expect(await refusal(POOR, 'vaul')).not.toMatch(/vault/);
    });

    it('are not named to organizations that may not have them', async () => {
      expect(await refusal({ organization: 'org_globex' }, 'biling')).toBe(
        'Unknown tool group "biling" in the header Aerie-Tool-Groups. Use some of crm.',
      );
    });

    it('do not displace the lists of others', () => {
      const catalog = providerOf(aerie.application, LiveCatalog);
      const names = Array.from({ length: 7 }, (_none, index) => `team${index}`);
      const removes = names.map((group) => {
        const tool = {
          name: group,
          group,
          description: 'Belongs to a team.',
          scopes: 'authenticated',
        } as const;
        return catalog.addTool(tool, () => group);
      });
      const listings = providerOf(aerie.application, Listings);
      const list = (chosen?: ReadonlySet<string>): readonly Tool[] =>
        listings.tools(
          { principal: aPrincipal(), ...(chosen && { selection: { groups: chosen, isSearching: false } }) },
          false,
        ).tools;
      const before = list();
      for (let choice = 1; choice < 2 ** names.length; choice++) {
        const chosen = new Set(names.filter((_name, index) => choice & (1 << index)));
        expect(list(chosen)).toHaveLength(chosen.size);
      }
      expect(list()).toBe(before);
      removes.forEach((remove) => remove());
    });

    it('are bounded', async () => {
      expect(await refusal(ALL, Array(33).fill('billing').join(','))).toMatch(/at most 32 groups/);
      expect(await refusal(ALL, 'billing crm')).toMatch(/separated by commas/);
      expect(await refusal(ALL, 'a'.repeat(65))).toMatch(/separated by commas/);
    });

    it('may be named by scripts of a browser', async () => {
      const preflight = await fetch(aerie.url, {
        method: 'OPTIONS',
        headers: {
          origin: 'http://localhost:6274',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'aerie-tool-groups,authorization',
        },
      });
      expect(preflight.headers.get('access-control-allow-headers')).toContain('aerie-tool-groups');
    });
  });

  it('of an organization are those that the policy allows, and follow its changes', async () => {
    expect(await listed({ organization: 'org_globex' })).toEqual(['about', 'leads']);
    expect(await listed({ organization: 'org_initech' })).toEqual(['leads']);
    const token = await aerie.token({ organization: 'org_globex' });
    const refused = await post(aerie.url, token, message(toolCall('invoices')));
    expect(await resultText(refused)).toMatch(/not available to your organization/);
    writePolicy({ org_globex: { allowGroups: ['billing'], deny: ['payment'] } });
    await eventually(() => listed({ organization: 'org_globex' }), ['invoices']);
  });

  describe('with an endpoint of their own', () => {
    it('are offered there, without further declarations', async () => {
      expect(await listed(ALL, undefined, 'billing')).toEqual(['invoices', 'payment', 'refund']);
      const alice = aerie.as(ALL, { endpoint: 'billing' });
      expect((await alice.callTool('refund')).text).toBe('refunded');
      expect(await alice.callTool('payment', { id: '7' })).toMatchObject({ text: '{"id":"7"}' });
      await expect(alice.callTool('leads')).rejects.toThrow(/Unknown tool: leads/);
    });

    it('have their own metadata and audience', async () => {
      const metadata = await fetch(
        new URL('/.well-known/oauth-protected-resource/mcp/billing', aerie.url).toString(),
      );
      expect(await metadata.json()).toMatchObject({
        resource: `${aerie.url}/billing`,
        scopes_supported: ['billing:write'],
      });
      const foreign = await post(`${aerie.url}/billing`, await aerie.token(ALL), message(toolCall('refund')));
      expect(foreign.status).toBe(401);
    });

    it('leave other tools out that are added later', async () => {
      const catalog = providerOf(aerie.application, LiveCatalog);
      const other = { name: 'late', description: 'Is late.', scopes: 'authenticated' } as const;
      const remove = catalog.addTool({ ...other, group: 'crm' }, () => 'late');
      expect(await listed(ALL, 'crm')).toEqual(['late', 'leads']);
      expect(await listed(ALL, undefined, 'billing')).not.toContain('late');
      remove();
    });
  });

  it('contain thousands of tools, which are added one by one in linear time', async () => {
    const catalog = providerOf(aerie.application, LiveCatalog);
    const tool = { group: 'rows', description: 'x'.repeat(2_000), scopes: ['row:read'] } as const;
    const addAll = (size: number): void => {
      const names = Array.from({ length: size }, (_none, index) => `row_${index}`);
      const removes = names.map((name) => catalog.addTool({ ...tool, name }, () => name));
      removes.forEach((remove) => remove());
    };
    expect(await growth(500, addAll)).toBeLessThan(LINEAR);
  });

  it('fail the start if no tool is in a group that TOOL_GROUPS or the policy names', async () => {
    await expect(start({ TOOL_GROUPS: 'biling' })).rejects.toThrow(
      /TOOL_GROUPS: no tool is in the group "biling"\. Did you mean "billing"\?\n.*billing, crm, vault/,
    );
    writePolicy({ '*': { denyGroups: ['billin'] } });
    await expect(start()).rejects.toThrow(/denyGroups\[0\]: unknown group "billin"/);
  });
});
