import { once } from 'node:events';
import { type IncomingMessage, request as send } from 'node:http';

import {
  type ArgumentsHost,
  Body,
  type CallHandler,
  type CanActivate,
  Catch,
  ConsoleLogger,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  Module,
  type NestInterceptor,
  Post,
  SetMetadata,
  UnauthorizedException,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory, Reflector } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { ThrottlerModule } from '@nestjs/throttler';
import { IsString } from 'class-validator';
import { type Request, type RequestHandler, type Response, text, urlencoded } from 'express';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';

import {
  AerieModule,
  CurrentPrincipal,
  fromEnvironment,
  Gauges,
  McpTool,
  Principal,
  Protect,
  Public,
} from '../src/index.js';
import { type DevIssuer, startDevIssuer } from '../src/dev-issuer/dev-issuer.js';
import type { EndedRequest, Observer } from '../src/observation/observer.js';
import { startTelemetry } from '../src/telemetry/index.js';
import { AerieTest } from '../src/testing/index.js';
import { DECLARED } from './support/claims.js';
import { secret } from './support/log.js';
import { freePort } from './support/ports.js';
import { testSigningKey } from './support/signing-keys.js';
import { until } from './support/until.js';
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

/** Interceptor that the application had before Aerie: every response has the same form. */
@Injectable()
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** Filter that the application had before Aerie: every error has the same form. */
@Catch()
class EveryError implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const status = error instanceof HttpException ? error.getStatus() : 500;
    host.switchToHttp().getResponse<Response>().status(status).json({ failed: status });
  }
}

/** Deeper than Aerie's modules, so that NestJS asks this filter before Aerie's. */
@Module({ providers: [{ provide: APP_FILTER, useClass: EveryError }] })
class DeepModule {}

@Module({ imports: [DeepModule] })
class MiddleModule {}

@Module({ imports: [MiddleModule] })
class ErrorsModule {}

class InvoiceDto {
  @IsString()
  readonly id!: string;
}

@Controller({ path: 'invoices', version: '1' })
class InvoicesController {
  constructor(private readonly invoices: Invoices) {}

  @Get()
  list(): { count: number } {
    return { count: this.invoices.count() };
  }

  @Post()
  create(@Body() body: InvoiceDto): unknown {
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

/** Leaves the body unread, and an empty one in its place, as some parsers do. */
const emptyBody: RequestHandler = (request, _response, next) => {
  request.body = {};
  next();
};

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
  prepare: (application: NestExpressApplication) => void = () => {},
  path = '/mcp',
): Promise<Embedded> {
  const [port, issuerPort] = [await freePort(), await freePort()];
  const origin = `http://localhost:${port}`;
  const issuer = await startDevIssuer({
    port: issuerPort,
    resourceUrl: origin + path,
    resourceId: 'res_1',
    scopes: () => ['usr:read'],
    signingKey: await testSigningKey(),
  });

  @Module({})
  class TeamModule {}

  const logger = new Lines();
  const kit = await AerieTest.start(
    async (variables) => {
      const application = await NestFactory.create<NestExpressApplication>(
        {
          module: TeamModule,
          imports: [InvoicesModule, ...further, await aerie({ ...variables }), ErrorsModule],
          providers: [
            { provide: APP_GUARD, useClass: ApiKeyGuard },
            { provide: APP_INTERCEPTOR, useClass: Envelope },
            {
              provide: APP_PIPE,
              useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }),
            },
          ],
        },
        { logger, abortOnError: false, rawBody: true },
      );
      prepare(application);
      application.setGlobalPrefix('api');
      application.enableVersioning({ type: VersioningType.URI });
      return application;
    },
    { path, port, issuer: async () => issuer },
  );
  const { application } = kit;
  return {
    application,
    issuer,
    origin,
    lines: logger.lines,
    token: secret(await issuer.signAccessToken({ user: 'alice', scope: 'usr:read' })),
    close: async () => {
      application.getHttpServer().closeAllConnections();
      await kit.close();
    },
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

  it('leaves the routes, guard, pipe, interceptor, filter and prefix of the application alone', async () => {
    const url = `${embedded.origin}/api/v1/invoices`;
    expect((await fetch(url)).status).toBe(401);
    const list = await fetch(url, { headers: { 'x-api-key': 'valid' } });
    await expect(list.json()).resolves.toEqual({ data: { count: 3 } });
    const create = async (body: object): Promise<unknown> => {
      const headers = { 'x-api-key': 'valid', 'content-type': 'application/json' };
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    };
    await expect(create({ id: '1' })).resolves.toEqual({ data: { id: '1' } });
    await expect(create({ id: '1', further: 2 })).resolves.toEqual({ failed: 400 });
    expect((await fetch(`${embedded.origin}/api/mcp`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${embedded.origin}/health/live`)).status).toBe(404);
  });

  it('verifies the token of a route marked @Protect()', async () => {
    const url = `${embedded.origin}/api/v1/invoices/mine`;
    const refused = await fetch(url);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('resource_metadata=');
    const mine = await fetch(url, { headers: { authorization: `Bearer ${embedded.token}` } });
    await expect(mine.json()).resolves.toEqual({ data: { subject: expect.stringMatching(/^usr_/) } });
    const further = secret(await embedded.issuer.signAccessToken({ claims: { department: 'sales' } }));
    const sales = await fetch(url, { headers: { authorization: `Bearer ${further}` } });
    await expect(sales.json()).resolves.toMatchObject({ data: { department: 'sales' } });
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

  it('answers in its own forms, whatever the filters and interceptors of the application do', async () => {
    const { origin, token } = embedded;
    const refused = await postModern(`${origin}/mcp`, token, toolCall('unknown'));
    await expect(refused.json()).resolves.toMatchObject({ error: { code: -32_602 } });
    const unread = await fetch(`${origin}/mcp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(unread.status).toBe(415);
    await expect(unread.json()).resolves.toMatchObject({ jsonrpc: '2.0', error: { code: -32_000 } });
    const missing = await fetch(`${origin}/.well-known/oauth-protected-resource/other`);
    expect(missing.status).toBe(404);
    const redirect = await fetch(`${origin}/.well-known/oauth-authorization-server`, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    const card = await fetch(`${origin}/mcp/server-card`);
    await expect(card.json()).resolves.toMatchObject({ remotes: [{ url: `${origin}/mcp` }] });
  });

  it.each<[string, string, (application: NestExpressApplication) => void]>([
    [
      'is empty',
      'count',
      (application) => void application.use(emptyBody).useBodyParser('json', { type: 'x/y' }),
    ],
    [
      'is kept by rawBody',
      'count',
      (application) => void application.useBodyParser('urlencoded', { type: () => true, extended: true }),
    ],
    ['is a text', 'count', (application) => void application.use(text({ type: () => true }))],
    ['is a form', 'error', (application) => void application.use(urlencoded({ type: () => true }))],
  ])(
    'reads a body of which the parser of the application says that it %s',
    async (_what, outcome, prepare) => {
      const parsing = await startEmbedded(
        (variables) => AerieModule.forRoot(fromEnvironment(variables), { decorators: [Open()] }),
        [],
        prepare,
      );
      try {
        if (outcome === 'count') {
          await expect(count(postModern, parsing)).resolves.toEqual({ count: 3 });
          return;
        }
        const response = await postModern(`${parsing.origin}/mcp`, parsing.token, toolCall('count_invoices'));
        expect(response.status).toBe(400);
        await expect(response.json()).resolves.toMatchObject({
          error: { message: expect.stringContaining('The application has parsed the JSON body as a form.') },
        });
      } finally {
        await parsing.close();
      }
    },
  );

  it('leaves all routes of an endpoint at the root out of the prefix', async () => {
    const atRoot = await startEmbedded(
      (variables) => AerieModule.forRoot(fromEnvironment(variables), { decorators: [Open()] }),
      [],
      undefined,
      '/',
    );
    try {
      const status = async (path: string): Promise<number> => (await fetch(atRoot.origin + path)).status;
      expect(
        await Promise.all(['/server-card', '/connect/caller', '/api/v1/invoices/mine'].map(status)),
      ).toEqual([200, 401, 401]);
    } finally {
      await atRoot.close();
    }
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

it('checks and observes requests that it does not log', async () => {
  const ended: EndedRequest[] = [];
  const observer: Observer = { request: () => ({ end: (request) => ended.push(request) }) };
  const embedded = await startEmbedded((variables) =>
    AerieModule.forRoot(fromEnvironment(variables), {
      decorators: [Open()],
      logRequests: false,
      observers: [observer],
    }),
  );
  try {
    const refused = await fetch(`${embedded.origin}/mcp`, {
      method: 'POST',
      headers: { authorization: 'Bearer guessed' },
    });
    expect([refused.status, refused.headers.get('x-request-id')]).toEqual([401, null]);
    const { port, host } = new URL(embedded.origin);
    const sent = send({ port, path: '/mcp', method: 'POST', headers: { host: `evil@${host}` } }).end();
    const [malformed] = (await once(sent, 'response')) as [IncomingMessage];
    expect(malformed.statusCode).toBe(400);
    malformed.resume();
    await once(malformed, 'end');
    await expect(count(postModern, embedded)).resolves.toEqual({ count: 3 });
    await until(() => ended.length === 3);
    expect(ended.map(({ status, reason, calls }) => [status, reason, calls])).toEqual([
      [401, 'malformed', 0],
      [400, 'malformed_request', 0],
      [200, undefined, 1],
    ]);
    const logged = embedded.lines.map((line) => (JSON.parse(line) as { message: unknown }).message);
    expect(logged).toContain('call');
    expect(logged).not.toContain('request');
  } finally {
    await embedded.close();
  }
});

describe('AerieModule.forRootAsync()', () => {
  it('reads the configuration from a provider, next to the throttler of the application', async () => {
    const embedded = await startEmbedded(
      (variables) =>
        AerieModule.forRootAsync({
          path: '/mcp',
          imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ aerie: variables })] })],
          inject: [ConfigService],
          useFactory: (config: ConfigService) =>
            fromEnvironment({ ...config.getOrThrow('aerie'), CONNECT_PAGE: 'off' }),
          decorators: [Open()],
        }),
      [ThrottlerModule.forRoot([{ name: 'application', limit: 1, ttl: 60_000 }])],
    );
    try {
      await expect(count(postModern, embedded)).resolves.toEqual({ count: 3 });
      const headers = { authorization: `Bearer ${embedded.token}` };
      expect((await fetch(`${embedded.origin}/mcp/connect/caller`, { headers })).status).toBe(404);
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

  it.each([
    ['AUDIT', 'stdout', 'recorded', { isAuditTrail: true }],
    ['METRICS_PORT', '9464', 'measured', { hasMetrics: true }],
  ])('warns that %s=%s has no effect without an observer', async (variable, value, done, observer) => {
    const warning = expect.stringContaining(`"message":"${variable} is set, but nothing is ${done}`);
    const linesWith = async (...observers: Observer[]): Promise<readonly string[]> => {
      const embedded = await startEmbedded((variables) =>
        AerieModule.forRoot(fromEnvironment({ ...variables, [variable]: value }), { observers }),
      );
      await embedded.close();
      return embedded.lines;
    };
    expect(await linesWith()).toContainEqual(warning);
    expect(await linesWith({})).toContainEqual(warning);
    expect(await linesWith({}, observer)).not.toContainEqual(warning);
  });

  it('measures what can be read at any time', async () => {
    const telemetry = startTelemetry(fromEnvironment({}), {});
    const embedded = await startEmbedded((variables) =>
      AerieModule.forRoot(fromEnvironment(variables), {
        decorators: [Open()],
        observers: telemetry.observers,
      }),
    );
    try {
      telemetry.observe(embedded.application.get(Gauges, { strict: false }));
      await expect(count(postModern, embedded)).resolves.toEqual({ count: 3 });
      const metrics = await telemetry.metricsText();
      expect(metrics).toMatch(/^aerie_calls_limit\S* [1-9]/m);
      expect(metrics).toMatch(/^aerie_call_duration_count\S* 1$/m);
    } finally {
      await embedded.close();
      await telemetry.stop();
    }
  });

  it('logs what looks like a mistake in its configuration', async () => {
    const embedded = await startEmbedded((variables) =>
      AerieModule.forRoot(fromEnvironment({ ...variables, RATE_LIMIT_CALERS: '10/min' })),
    );
    await embedded.close();
    const warnings = embedded.lines.filter((line) => line.includes('Did you mean RATE_LIMIT_CALLER?'));
    expect(warnings).toHaveLength(1);
  });

  it('refuses a platform other than Express', async () => {
    class OtherAdapter extends ExpressAdapter {
      override getType(): string {
        return 'fastify';
      }
    }
    const aerie = await AerieModule.forRoot(
      fromEnvironment({ AUTH_MODE: 'jwt', JWT_JWKS_URI: 'https://keys.example/jwks', JWT_ISSUER: 'x' }),
    );
    const application = await NestFactory.create(aerie, new OtherAdapter(), { logger: false });
    await expect(application.init()).rejects.toThrow(
      'AerieModule needs NestJS on Express, but the application runs on fastify.',
    );
  });

  it('refuses a path that the configuration does not name', async () => {
    await expect(
      startEmbedded((variables) =>
        AerieModule.forRootAsync({ path: '/other', useFactory: () => fromEnvironment(variables) }),
      ),
    ).rejects.toThrow('The endpoint is registered at /other, but its configuration names /mcp.');
  });
});
