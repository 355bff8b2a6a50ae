import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  Body,
  type CanActivate,
  ConsoleLogger,
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  Post,
  SetMetadata,
  UnauthorizedException,
  VersioningType,
} from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_GUARD, NestFactory, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ThrottlerModule } from '@nestjs/throttler';
import type { Request } from 'express';
import { z } from 'zod';

import {
  AerieModule,
  CurrentPrincipal,
  fromEnvironment,
  McpTool,
  Principal,
  Protect,
  Public,
} from '../src/index.js';
import { type DevIssuer, startDevIssuer } from '../src/dev-issuer/dev-issuer.js';
import { DECLARED } from './support/claims.js';
import { secret } from './support/log.js';
import { freePort } from './support/ports.js';
import { testSigningKey } from './support/signing-keys.js';
import { ERAS, postModern, resultText, toolCall } from './support/rpc.js';

const OPEN = 'open';
const Open = (): ClassDecorator & MethodDecorator => SetMetadata(OPEN, true);

/** Guard that the application had before Aerie: its routes need an API key. */
@Injectable()
class ApiKeyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean>(OPEN, [context.getHandler(), context.getClass()]))
      return true;
    const { headers } = context.switchToHttp().getRequest<Request>();
    if (headers['x-api-key'] === 'valid') return true;
    throw new UnauthorizedException('The API key is missing.');
  }
}

@Injectable()
class Invoices {
  count(): number {
    return 3;
  }
}

@Controller({ path: 'invoices', version: '1' })
class InvoicesController {
  constructor(private readonly invoices: Invoices) {}

  @Get()
  list(): { count: number } {
    return { count: this.invoices.count() };
  }

  @Post()
  create(@Body() body: unknown): unknown {
    return body;
  }

  @Open()
  @Protect()
  @Get('mine')
  mine(@CurrentPrincipal() principal: Principal): { subject: string; department: string | undefined } {
    return { subject: principal.subject, department: principal.claim('department') };
  }
}

@Injectable()
class InvoiceTools {
  constructor(private readonly invoices: Invoices) {}

  @McpTool({
    name: 'count_invoices',
    scopes: ['usr:read'],
    description: 'Counts invoices.',
    output: z.object({ count: z.number() }),
  })
  count(): { count: number } {
    return { count: this.invoices.count() };
  }
}

@Module({ controllers: [InvoicesController], providers: [Invoices, InvoiceTools] })
class InvoicesModule {}

interface Embedded {
  readonly application: NestExpressApplication;
  readonly issuer: DevIssuer;
  readonly origin: string;
  readonly token: string;
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/** Logger of the application. */
class Lines extends ConsoleLogger {
  readonly lines: string[] = [];

  constructor() {
    super({ json: true });
  }

  protected override printMessages(messages: unknown[]): void {
    this.lines.push(...messages.map((message) => JSON.stringify(message)));
  }
}

/** Starts an application of a team that adds Aerie to its REST interface. */
async function startEmbedded(
  aerie: (variables: Record<string, string>) => Promise<DynamicModule>,
  further: NonNullable<DynamicModule['imports']> = [],
): Promise<Embedded> {
  const [port, issuerPort] = [await freePort(), await freePort()];
  const origin = `http://localhost:${port}`;
  const issuer = await startDevIssuer({
    port: issuerPort,
    resourceUrl: `${origin}/mcp`,
    resourceId: 'res_1',
    scopes: () => ['usr:read'],
    signingKey: await testSigningKey(),
  });
  const stateDirectory = mkdtempSync(join(tmpdir(), 'aerie-embedded-'));
  const variables = {
    SK_ENV_URL: issuer.url,
    MCP_SERVER_ID: 'res_1',
    RESOURCE_URL: `${origin}/mcp`,
    STATE_DIRECTORY: stateDirectory,
  };

  @Module({})
  class TeamModule {}

  const logger = new Lines();
  let application: NestExpressApplication | undefined;
  const close = async (): Promise<void> => {
    application?.getHttpServer().closeAllConnections();
    await application?.close();
    await issuer.close();
    rmSync(stateDirectory, { recursive: true, force: true });
  };
  try {
    application = await NestFactory.create<NestExpressApplication>(
      {
        module: TeamModule,
        imports: [InvoicesModule, ...further, await aerie(variables)],
        providers: [{ provide: APP_GUARD, useClass: ApiKeyGuard }],
      },
      { logger, abortOnError: false },
    );
    application.setGlobalPrefix('api');
    application.enableVersioning({ type: VersioningType.URI });
    await application.listen(port, '127.0.0.1');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    application,
    issuer,
    origin,
    lines: logger.lines,
    token: secret(await issuer.signAccessToken({ user: 'alice', scope: 'usr:read' })),
    close,
  };
}

const count = async (post: typeof postModern, { origin, token }: Embedded): Promise<unknown> =>
  JSON.parse(await resultText(await post(`${origin}/mcp`, token, toolCall('count_invoices'))));

describe('Aerie in an existing application', () => {
  let embedded: Embedded;
  beforeAll(async () => {
    embedded = await startEmbedded((variables) =>
      AerieModule.forRoot(fromEnvironment(variables), { claims: DECLARED, decorators: [Open()] }),
    );
  });
  afterAll(() => embedded.close());

  it.each(ERAS)(
    'serves its tools to clients of %s, with the body parser of the application',
    async (_era, post) => {
      await expect(count(post, embedded)).resolves.toEqual({ count: 3 });
    },
  );

  it('rejects a call without a token as the specification says, below no prefix', async () => {
    const response = await fetch(`${embedded.origin}/mcp`, { method: 'POST' });
    expect(response.status).toBe(401);
    const metadata = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1];
    expect(metadata).toBe(`${embedded.origin}/.well-known/oauth-protected-resource/mcp`);
    const document = await fetch(metadata ?? '', { headers: { origin: 'https://example.com' } });
    expect(document.headers.get('access-control-allow-origin')).toBe('*');
    await expect(document.json()).resolves.toMatchObject({ resource: `${embedded.origin}/mcp` });
  });

  it('leaves the routes, guard and prefix of the application alone', async () => {
    const url = `${embedded.origin}/api/v1/invoices`;
    expect((await fetch(url)).status).toBe(401);
    const list = await fetch(url, { headers: { 'x-api-key': 'valid' } });
    await expect(list.json()).resolves.toEqual({ count: 3 });
    const created = await fetch(url, {
      method: 'POST',
      headers: { 'x-api-key': 'valid', 'content-type': 'application/json' },
      body: '{"id":"1"}',
    });
    await expect(created.json()).resolves.toEqual({ id: '1' });
    expect((await fetch(`${embedded.origin}/api/mcp`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${embedded.origin}/health/live`)).status).toBe(404);
  });

  it('verifies the token of a route marked @Protect()', async () => {
    const url = `${embedded.origin}/api/v1/invoices/mine`;
    const refused = await fetch(url);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('resource_metadata=');
    const mine = await fetch(url, { headers: { authorization: `Bearer ${embedded.token}` } });
    await expect(mine.json()).resolves.toEqual({ subject: expect.stringMatching(/^usr_/) });
    const further = secret(await embedded.issuer.signAccessToken({ claims: { department: 'sales' } }));
    const sales = await fetch(url, { headers: { authorization: `Bearer ${further}` } });
    await expect(sales.json()).resolves.toMatchObject({ department: 'sales' });
  });

  it.each([
    ['deep nesting', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['nesting beyond the limit', `${'['.repeat(65)}${']'.repeat(65)}`],
  ])('rejects %s in a body that the application has parsed', async (_what, body) => {
    const response = await fetch(`${embedded.origin}/mcp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${embedded.token}`, 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    await expect(response.json()).resolves.toMatchObject({ error: { code: -32_600 } });
  });

  it("logs calls through the application's logger", async () => {
    await count(postModern, embedded);
    expect(
      embedded.lines.some(
        (line) => line.includes('"tool":"count_invoices"') && line.includes('"message":"call"'),
      ),
    ).toBe(true);
  });
});

describe('AerieModule.forRootAsync()', () => {
  it('reads the configuration from a provider, next to the throttler of the application', async () => {
    const embedded = await startEmbedded(
      (variables) =>
        AerieModule.forRootAsync({
          path: '/mcp',
          imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ aerie: variables })] })],
          inject: [ConfigService],
          useFactory: (config: ConfigService) => fromEnvironment(config.getOrThrow('aerie')),
          decorators: [Open()],
        }),
      [ThrottlerModule.forRoot([{ name: 'application', limit: 1, ttl: 60_000 }])],
    );
    try {
      await expect(count(postModern, embedded)).resolves.toEqual({ count: 3 });
    } finally {
      await embedded.close();
    }
  });

  it('refuses a setting of HTTP+SSE that the configuration does not share', async () => {
    await expect(
      startEmbedded((variables) =>
        AerieModule.forRootAsync({ path: '/mcp', sse: true, useFactory: () => fromEnvironment(variables) }),
      ),
    ).rejects.toThrow('HTTP+SSE is on in the module, but not in its configuration (MCP_SSE).');
  });

  it('refuses a second import, whose endpoint would have no checks of its own', async () => {
    await expect(
      startEmbedded(
        (variables) => AerieModule.forRoot(fromEnvironment(variables)),
        [
          AerieModule.forRoot(
            fromEnvironment({
              SK_ENV_URL: 'https://a.scalekit.com',
              MCP_SERVER_ID: 'res_1',
              RESOURCE_URL: 'http://localhost/other',
            }),
          ),
        ],
      ),
    ).rejects.toThrow('AerieModule is imported twice.');
  });

  it('keeps the endpoint closed whatever decorators say', async () => {
    const embedded = await startEmbedded((variables) =>
      AerieModule.forRoot(fromEnvironment(variables), { decorators: [Open(), Public()] }),
    );
    try {
      expect((await fetch(`${embedded.origin}/mcp`, { method: 'POST' })).status).toBe(401);
      await expect(count(postModern, embedded)).resolves.toEqual({ count: 3 });
    } finally {
      await embedded.close();
    }
  });

  it('refuses a path that the configuration does not name', async () => {
    await expect(
      startEmbedded((variables) =>
        AerieModule.forRootAsync({ path: '/other', useFactory: () => fromEnvironment(variables) }),
      ),
    ).rejects.toThrow('The endpoint is registered at /other, but its configuration names /mcp.');
  });
});
