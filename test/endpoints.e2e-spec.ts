import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import { FileRevocations } from '../src/auth/revocation/file-revocations.js';
import { parseDocument, withRevocations } from '../src/auth/revocation/revocation-document.js';
import { changeDocument } from '../src/auth/revocation/revocation-storage.js';
import { revoke } from '../src/auth/revocation/revocation.js';
import { RevocationsService } from '../src/auth/revocation/revocations.service.js';
import { CONFIGURATION, type Configuration } from '../src/config/configuration.js';
import { CatalogService } from '../src/mcp/catalog/catalog.service.js';
import { AerieModule, ExposeAsTool, fromEnvironment, McpTool } from '../src/index.js';
import { madeWith } from '../src/mcp/catalog/dependency-tree.js';
import { Gauges } from '../src/observation/gauges.js';
import { endpointOf } from '../src/routes/provider-of.js';
import { CLIENTS, connectWithToken } from './support/clients.js';
import { lightFetch } from './support/light-fetch.js';
import { Listener } from './support/listener.js';
import { message, MODERN, MODERN_ENVELOPE, post, postModern, resultText, toolCall } from './support/rpc.js';
import { freePort } from './support/ports.js';
import { startRedis } from './support/redis.js';
import { openSession } from './support/sessions.js';
import { type Side, startTwoEndpoints, type TwoEndpoints } from './support/two-endpoints.js';
import { until } from './support/until.js';

const SIDES: readonly [Side, Side][] = [
  ['customers', 'staff'],
  ['staff', 'customers'],
];
const TOOLS: Record<Side, { own: string; text: string; all: string[] }> = {
  customers: { own: 'my_orders', text: 'orders of test-user', all: ['clock', 'confirm', 'my_orders'] },
  staff: {
    own: 'count_refunds',
    text: '7 refunds',
    all: ['announce', 'clock', 'confirm', 'count_refunds', 'list_entries', 'open_desk', 'staff_report'],
  },
};

@Injectable()
class Late {
  @McpTool({ name: 'late', description: 'Is late.', scopes: 'authenticated' })
  late(): string {
    return 'late';
  }
}

@Controller('.well-known')
class OwnDocuments {
  @Get('openid-configuration/internal/mcp')
  document(): object {
    return { issuer: 'https://own.example' };
  }
}

@Module({ controllers: [OwnDocuments] })
class OwnDocumentsModule {}

describe('two endpoints of one application', () => {
  let shop: TwoEndpoints;
  beforeAll(async () => {
    shop = await startTwoEndpoints({ variables: { staff: { MAX_TOKEN_LIFETIME: '7d' } } });
  });
  afterAll(() => shop.close());

  it.each(SIDES)('shows people a page of its own, and none at the root: %s', async (side, other) => {
    const accept = { accept: 'text/html' };
    const page = await (await lightFetch(shop.urls[side], { headers: accept })).text();
    expect(page).toContain(`<code>${shop.urls[side]}</code>`);
    expect(page).not.toContain(shop.urls[other]);
    expect(page).not.toContain(TOOLS[side].own);
    expect((await lightFetch(new URL('/', shop.urls[side]).href, { headers: accept })).status).toBe(404);
  });

  const listed = async (side: Side): Promise<string[]> => {
    const response = await postModern(shop.urls[side], await shop.token(side), { method: 'tools/list' });
    const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
    return result.tools.map(({ name }) => name).toSorted();
  };

  describe.each(SIDES)('%s, next to %s', (side, other) => {
    it.each(CLIENTS)('lists and calls only its own tools with the official client, %s', async (...which) => {
      const client = await connectWithToken(which, shop.urls[side], await shop.token(side));
      try {
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name).toSorted()).toEqual(TOOLS[side].all);
        await expect(client.callTool({ name: TOOLS[side].own, arguments: {} })).resolves.toMatchObject({
          content: [{ text: TOOLS[side].text }],
        });
        await expect(client.callTool({ name: TOOLS[other].own, arguments: {} })).rejects.toThrow(
          /Unknown tool|not found/i,
        );
      } finally {
        await client.close();
      }
    });

    it('refuses a token of the other, and names its own metadata', async () => {
      const refused = await postModern(shop.urls[side], await shop.token(other), { method: 'tools/list' });
      expect(refused.status).toBe(401);
      const challenge = refused.headers.get('www-authenticate') ?? '';
      expect(challenge).toContain('error="invalid_token"');
      expect(challenge).toContain('The access token is for another audience.');
      const { origin, pathname } = new URL(shop.urls[side]);
      const metadata = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
      expect(metadata).toBe(`${origin}/.well-known/oauth-protected-resource${pathname}`);
      await expect((await fetch(metadata)).json()).resolves.toMatchObject({
        resource: shop.urls[side],
        scopes_supported: [side === 'staff' ? 'refunds:read' : 'orders:read'],
      });
      expect(challenge).not.toContain(side === 'staff' ? 'orders:read' : 'refunds:read');
    });

    it('has its own Server Card', async () => {
      const response = await fetch(`${shop.urls[side]}/server-card`);
      await expect(response.json()).resolves.toMatchObject({
        remotes: [{ url: shop.urls[side] }, { type: 'sse', url: `${shop.urls[side]}/sse` }],
      });
    });

    it('verifies the tokens of the routes of the application that name it', async () => {
      const report = async (name: string, token: string): Promise<Response> =>
        fetch(new URL(`/reports/${name}`, shop.urls[side]), {
          headers: { authorization: `Bearer ${token}` },
        });
      const own = await report(side, await shop.token(side));
      expect(await own.text()).toBe(`${side} for test-user`);
      const refused = await report(side, await shop.token(other));
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain(
        `/.well-known/oauth-protected-resource${new URL(shop.urls[side]).pathname}"`,
      );
      expect((await report('misspelled', await shop.token(side))).status).toBe(401);
    });

    it('does not know sessions of the other', async () => {
      const session = await openSession(shop.urls[side], await shop.token(side));
      const token = await shop.token(other);
      const elsewhere = { ...session.headers, authorization: `Bearer ${token}`, accept: 'text/event-stream' };
      const url = shop.urls[other];
      const used = await post(url, token, message({ method: 'tools/list' }), session.headers);
      const resumed = await fetch(url, { headers: { ...elsewhere, 'last-event-id': '1' } });
      const ended = await fetch(url, { method: 'DELETE', headers: elsewhere });
      expect([used.status, resumed.status, ended.status]).toEqual([404, 404, 404]);
      await expect(session.result('tools/list')).resolves.toMatchObject({ tools: expect.any(Array) });
    });

    it('does not accept the answer to a question of the other', async () => {
      const confirm = async (at: Side, more: object = {}): Promise<{ result?: Record<string, string> }> => {
        const _meta = {
          ...MODERN_ENVELOPE,
          'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
        };
        const response = await post(
          shop.urls[at],
          await shop.token(at),
          message({ method: 'tools/call', params: { name: 'confirm', arguments: {}, _meta, ...more } }),
          { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'confirm' },
        );
        return (await response.json()) as { result?: Record<string, string> };
      };
      const { result: asked } = await confirm(other);
      expect(asked?.['resultType']).toBe('input_required');
      const answer = {
        inputResponses: { 'input-1': { action: 'accept', content: { sure: true } } },
        requestState: asked?.['requestState'],
      };
      await expect(confirm(side, answer)).resolves.toMatchObject({ error: { code: -32_602 } });
      await expect(confirm(other, answer)).resolves.toMatchObject({ result: { resultType: 'complete' } });
    });
  });

  it('have the revocation list in common, and count it once', () => {
    const gauges = shop.application.get(Gauges, { strict: false }).all.map(({ name }) => name);
    expect(gauges.filter((name) => name === 'aerie.sessions')).toHaveLength(2);
    expect(gauges.filter((name) => name === 'aerie.revocations')).toHaveLength(1);
  });

  it('start after what they share, and so stop before it', () => {
    const names = [...shop.application.get(ModulesContainer).values()].map(({ name }) => name);
    const first = names.indexOf('EndpointModule');
    for (const shared of ['RedisModule', 'RevocationModule', 'ResourceUpdatesModule', 'CallerModule']) {
      expect(names.indexOf(shared)).toBeLessThan(first);
    }
  });

  it('keep revocations until the tokens of both have expired', async () => {
    const { stateDirectory } = shop.application.get<Configuration>(CONFIGURATION);
    const storage = new FileRevocations(stateDirectory);
    const revocation = revoke({ what: 'subject', id: 'usr_gone' }, { maxTokenLifetime: 60_000 });
    await changeDocument(storage, (document) => withRevocations(document, [revocation]));
    await shop.application.get(RevocationsService, { strict: false }).reload();
    const { revocations } = parseDocument(await storage.read());
    const kept = revocations.map(({ revokedAt, until: end }) => end - revokedAt);
    expect(kept).toEqual([7 * 24 * 3_600_000 + 10 * 60_000]);
  });

  it('have no provider in common, except those of the application and the process', () => {
    const modules = [...shop.application.get(ModulesContainer).values()];
    const [staff, main] = ['staff', 'default'].map((name) => modules.find((one) => endpointOf(one) === name));
    const providers = [...(staff?.providers.values() ?? []), ...(staff?.controllers.values() ?? [])];
    expect(providers.length).toBeGreaterThan(40);
    const injected = providers.flatMap((provider) => madeWith(provider));
    expect(injected.filter(({ host }) => host === main).map(({ name }) => name)).toEqual([]);
    const others = injected.filter(({ host }) => host !== staff).map(({ host }) => host?.name ?? '');
    expect([...new Set(others)].toSorted()).toEqual([
      'CallerModule',
      'EndpointsModule',
      'InternalCoreModule',
      'ObservationModule',
      'RedisModule',
      'ResourceUpdatesModule',
      'RevocationModule',
    ]);
  });

  it('subscribe to nothing of the other', async () => {
    const filter = { resourceSubscriptions: ['desk://board', 'news://all'] };
    const [customer, member] = [
      await Listener.open(shop.urls.customers, await shop.token('customers'), filter),
      await Listener.open(shop.urls.staff, await shop.token('staff'), filter),
    ];
    expect(customer.acknowledged).toEqual({ resourceSubscriptions: ['news://all'] });
    expect(member.acknowledged).toEqual({ resourceSubscriptions: ['desk://board'] });
    await postModern(shop.urls.staff, await shop.token('staff'), toolCall('announce'));
    await Promise.all([customer.heard(2), member.heard(2)]);
    expect(customer.events).toEqual(['notifications/resources/updated news://all']);
    expect(member.events).toEqual(['notifications/resources/updated desk://board']);
    customer.vanish();
    member.vanish();
    const session = await openSession(shop.urls.customers, await shop.token('customers'));
    const reader = await session.request('resources/subscribe', { uri: 'desk://board' });
    const reply = await reader.until((event) => event.message?.id === 1);
    expect(reply.message).toMatchObject({ error: { code: -32_002 } });
  });

  it.each(['', '/', '/sse', '/SSE', '/sse/', '/Messages/'])(
    'identify each refused request, in whatever form Express accepts its path: %s',
    async (path) => {
      const refused = await fetch(`${shop.urls.staff}${path}`);
      expect(refused.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
      await refused.text();
    },
  );

  it('serve HTTP+SSE each', async () => {
    const open = await fetch(`${shop.urls.staff}/sse`, {
      headers: { authorization: `Bearer ${await shop.token('staff')}` },
    });
    expect(open.status).toBe(200);
    await open.body?.cancel();
    const refused = await fetch(`${shop.urls.staff}/sse`, {
      headers: { authorization: `Bearer ${await shop.token('customers')}` },
    });
    expect(refused.status).toBe(401);
  });

  it('offer a tool that is added at one of them only there, and so a module that is loaded later', async () => {
    await postModern(shop.urls.staff, await shop.token('staff'), toolCall('open_desk'));
    const loader = shop.application.get(LazyModuleLoader, { strict: false });
    const late = AerieModule.forFeature([Late], { endpoint: 'staff' });
    await loader.load(() => late);
    expect(await listed('staff')).toEqual([...TOOLS.staff.all, 'desk', 'late'].toSorted());
    expect(await listed('customers')).toEqual(TOOLS.customers.all);
    const call = await postModern(shop.urls.staff, await shop.token('staff'), toolCall('late'));
    expect(await resultText(call)).toBe('late');
    const catalog = shop.application.get(CatalogService, { strict: false });
    const { current } = catalog;
    await loader.load(() => late);
    expect(catalog.current).toBe(current);
  });

  it('reject modules that are loaded later for an unknown endpoint, or with an endpoint', async () => {
    const loader = shop.application.get(LazyModuleLoader, { strict: false });
    const other = fromEnvironment({
      AUTH_MODE: 'jwt',
      JWT_JWKS_URI: 'https://keys.example/jwks',
      JWT_ISSUER: 'x',
      RESOURCE_URL: 'http://localhost/late',
    });
    const endpoint = await AerieModule.forRoot(other, { endpoint: 'late' });
    await expect(loader.load(() => endpoint)).rejects.toThrow(
      'AerieModule.forRoot() for the endpoint "late" was loaded while the application runs',
    );
    @Injectable()
    class Stray {
      @McpTool({ name: 'stray', description: 'Is stray.', scopes: 'authenticated' })
      stray(): string {
        return '';
      }
    }
    await expect(loader.load(() => AerieModule.forFeature([Stray], { endpoint: 'stafff' }))).rejects.toThrow(
      'with Stray: there is no endpoint "stafff". Did you mean "staff"?',
    );
  });

  it('reject a controller of a module that is loaded later, since NestJS registers no routes for it', async () => {
    @Controller('late')
    class LateController {
      @Get()
      @ExposeAsTool({ name: 'late_route', description: 'Is late.', scopes: 'authenticated' })
      late(): string {
        return 'late';
      }
    }
    @Module({ controllers: [LateController] })
    class LateModule {}
    const loader = shop.application.get(LazyModuleLoader, { strict: false });
    await expect(loader.load(() => LateModule)).rejects.toThrow(
      'LateController.late: its module was loaded while the application runs, when NestJS registers no routes.',
    );
  });

  it("offer a route as a tool where it says, behind that endpoint's guard", async () => {
    const call = await postModern(shop.urls.staff, await shop.token('staff'), toolCall('staff_report'));
    expect(await resultText(call)).toMatch(/^staff for /);
  });
});

it('has its own limits at each endpoint, with counts of its own in Redis', async () => {
  const redis = await startRedis();
  const shared = { REDIS_URL: redis.url };
  let started: TwoEndpoints | undefined;
  try {
    const shop = (started = await startTwoEndpoints({
      variables: {
        staff: { ...shared, RATE_LIMIT_CALLER: '2/min', RATE_LIMIT_INVALID_TOKENS: '1/min' },
        customers: { ...shared, RATE_LIMIT_CALLER: '4/min', RATE_LIMIT_INVALID_TOKENS: '1/min' },
      },
    }));
    for (const side of ['staff', 'customers'] as const) {
      const guess = async (): Promise<number> =>
        (await postModern(shop.urls[side], 'e30.e30.AAAA', toolCall('x'))).status;
      expect([await guess(), await guess()]).toEqual([401, 429]);
    }
    const statuses = async (side: Side): Promise<number[]> => {
      const found: number[] = [];
      const token = await shop.token(side);
      for (let i = 0; i < 4; i++) {
        found.push((await postModern(shop.urls[side], token, toolCall(TOOLS[side].own))).status);
      }
      return found;
    };
    expect(await statuses('staff')).toEqual([200, 200, 429, 429]);
    expect(await statuses('customers')).toEqual([200, 200, 200, 200]);
  } finally {
    await started?.close();
    await redis.stop();
  }
});

it('has its own issuers at each endpoint, such as an embedded one', async () => {
  const port = await freePort();
  const [onTokenIssued, onTokenRefused] = [jest.fn(), jest.fn()];
  const shop = await startTwoEndpoints({
    observers: [{ onTokenIssued, onTokenRefused }],
    imports: [OwnDocumentsModule],
    variables: { staff: { AUTH_MODE: 'dev,jwt', DEV_ISSUER_PORT: `${port}` } },
  });
  try {
    const { origin, pathname } = new URL(shop.urls.staff);
    const document = await fetch(`${origin}/.well-known/oauth-protected-resource${pathname}`);
    const { authorization_servers: servers } = (await document.json()) as { authorization_servers: string[] };
    expect(servers).toEqual([`http://localhost:${port}/resources/res_100000000000000001`]);
    // Also found by clients that look at the endpoint. The application's own documents stay.
    const issuer = await fetch(`${origin}${pathname}/.well-known/openid-configuration`);
    expect(issuer.url).toBe(
      `http://localhost:${port}/.well-known/oauth-authorization-server/resources/${servers[0]?.split('/').at(-1)}`,
    );
    await expect(issuer.json()).resolves.toMatchObject({
      scopes_supported: expect.arrayContaining(['refunds:read']),
    });
    const own = await fetch(`${origin}/.well-known/openid-configuration/internal/mcp`);
    await expect(own.json()).resolves.toEqual({ issuer: 'https://own.example' });
    expect((await postModern(shop.urls.staff, await shop.token('staff'), toolCall('clock'))).status).toBe(
      200,
    );
    const form = {
      grant_type: 'client_credentials',
      client_id: 'm2m_demo',
      client_secret: 'm2m_demo_secret',
    };
    const tokenUrl = `http://localhost:${port}/oauth/token`;
    for (const fields of [form, { ...form, client_secret: 'guessed' }])
      await (await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(fields) })).text();
    await until(() => onTokenRefused.mock.calls.length > 0);
    const address = expect.stringMatching(/127\.0\.0\.1$/) as string;
    const token = { subject: 'm2m_demo', clientId: 'm2m_demo', organizationId: 'org_acme', address };
    expect(onTokenIssued.mock.calls).toEqual([[{ issuer: `http://localhost:${port}`, ...token }]]);
    const refusal = {
      issuer: `http://localhost:${port}`,
      clientId: 'm2m_demo',
      error: 'invalid_client',
      address,
    };
    expect(onTokenRefused.mock.calls).toEqual([[refusal]]);
  } finally {
    await shop.close();
  }
});

it('has no feature without an endpoint', () => {
  expect(() => AerieModule.forFeature([Late], { endpoint: [] })).toThrow('names no endpoint');
  const api = { name: 'x', document: {}, baseUrl: 'http://localhost', endpoint: [] };
  expect(() => AerieModule.fromOpenApi(api)).toThrow('AerieModule.fromOpenApi() names no endpoint');
});

describe('endpoints that are not separate fail the start', () => {
  @Injectable()
  class Twice {
    @McpTool({ name: 'twice', description: 'Is provided twice.', scopes: 'authenticated' })
    twice(): string {
      return '';
    }
  }

  @Module({ providers: [Twice] })
  class PublicModule {}

  it.each<[string, Parameters<typeof startTwoEndpoints>[0], string]>([
    [
      'with a common audience',
      { variables: { staff: { JWT_AUDIENCE: 'shop' }, customers: { JWT_AUDIENCE: 'shop, us' } } },
      'The endpoints "staff" and "default" accept the same audience "shop" of the same issuer',
    ],
    [
      'with a common path',
      { variables: { staff: { MCP_PATH: '/MCP/' } } },
      'The endpoints "staff" and "default" have the same path /mcp.',
    ],
    [
      'with metadata at the same path of different hosts',
      { variables: { staff: { RESOURCE_URL: 'https://staff.example/mcp', MCP_PATH: '/staff' } } },
      'The endpoints "staff" and "default" have their metadata at the same path /.well-known/oauth-protected-resource/mcp',
    ],
    [
      'with a path of HTTP+SSE at the other',
      { variables: { staff: { MCP_PATH: '/mcp/messages' } } },
      'The endpoints "staff" and "default" have the same path /mcp/messages.',
    ],
    [
      'with a path of the connect page at the other',
      { variables: { staff: { MCP_PATH: '/mcp/connect/caller' } } },
      'The endpoints "staff" and "default" have the same path /mcp/connect/caller.',
    ],
    [
      'with different state directories',
      { variables: { staff: { STATE_DIRECTORY: '/tmp' } } },
      'Use the same STATE_DIRECTORY in both.',
    ],
    ['with an invalid name', { customers: '../shop' }, 'The endpoint has the invalid name "../shop".'],
    [
      'without a default endpoint',
      { customers: 'staff' },
      'The default endpoint is missing: every AerieModule.forRoot() names an endpoint.',
    ],
    [
      'with a tool of an unknown endpoint',
      { imports: [AerieModule.forFeature([Twice], { endpoint: 'stafff' })] },
      'AerieModule.forFeature() with Twice: there is no endpoint "stafff". Did you mean "staff"?',
    ],
    [
      'with a tool that an ordinary module provides too',
      { imports: [PublicModule, AerieModule.forFeature([Twice], { endpoint: 'staff' })] },
      'Twice: it is provided 2 times',
    ],
  ])('%s', async (_what, options, problem) => {
    await expect(startTwoEndpoints(options)).rejects.toThrow(problem);
  });
});
