import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type NestModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import type { RequestHandler } from 'express';

import type { GuardedRoutes } from './auth/auth.guard.js';
import { AuthModule } from './auth/auth.module.js';
import { ProtectedResource } from './auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import { ConfigurationModule } from './config/configuration.module.js';
import { everyRequest } from './every-request.js';
import { leaveOutOfPrefix } from './routes/leave-out-of-prefix.js';
import { LimitsModule } from './limits/limits.module.js';
import { LOG, type LineLog } from './logging/line-log.js';
import { LoggingModule } from './logging/logging.module.js';
import { nestLines } from './logging/nest-lines.js';
import { OrganizationContexts } from './mcp/context/organization-contexts.js';
import { McpModule } from './mcp/mcp.module.js';
import { MetadataModule } from './metadata/metadata.module.js';
import { RedisModule } from './redis/redis.module.js';
import { RunningRecord } from './running-record.js';
import { loadOptional } from './values/load-optional.js';

/** How Aerie fits into an application. */
export interface AerieOptions {
  /** Routes that require a token verified by Aerie; default `mcp`. */
  readonly guard?: GuardedRoutes;
  /**
   * Class decorators for Aerie's controllers, such as the one with which the application's own global guard lets a route
   * pass. Aerie's guard still covers the endpoint.
   */
  readonly decorators?: readonly ClassDecorator[];
  /** Destination of the lines for calls and requests; default NestJS's `Logger`. */
  readonly log?: LineLog;
  /** Whether requests to Aerie's routes get an id and a log line; default true. */
  readonly logRequests?: boolean;
}

/** Options of {@link AerieModule.forRootAsync}. */
export interface AsyncAerieOptions
  extends
    AerieOptions,
    Pick<ModuleMetadata, 'imports'>,
    Pick<FactoryProvider<Configuration>, 'inject' | 'useFactory'> {
  /** Path of the endpoint, such as `/mcp`. Routes exist before the factory runs. */
  readonly path: string;
  /** Whether to serve HTTP+SSE of 2024-11-05 too; default false. */
  readonly sse?: boolean;
}

const LOGS_REQUESTS = Symbol('LOGS_REQUESTS');

/** HTTP adapters of applications that import Aerie already. */
const occupied = new WeakSet<object>();

const DISCOVERY_PATHS = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-authorization-server'];

/** Serves the tools of an application over MCP, behind OAuth 2.1. */
@Module({})
export class AerieModule implements NestModule, OnApplicationShutdown {
  constructor(
    private readonly organizations: OrganizationContexts,
    private readonly adapterHost: HttpAdapterHost,
    private readonly application: ApplicationConfig,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOG) private readonly log: LineLog,
    @Inject(LOGS_REQUESTS) private readonly logsRequests: boolean,
  ) {}

  /** @param configuration validated configuration, such as that of `fromEnvironment(variables)` */
  static async forRoot(configuration: Configuration, options: AerieOptions = {}): Promise<DynamicModule> {
    const { devIssuer, sessions, resource } = configuration;
    const issuer = devIssuer ? [await embeddedIssuer(options.log ?? nestLines())] : [];
    return register(
      { ...options, path: resource.path, sse: sessions.sse, useFactory: () => configuration },
      issuer,
    );
  }

  /**
   * Reads the configuration from providers of the application. The embedded issuer is not available: use
   * {@link forRoot} for it.
   */
  static forRootAsync(options: AsyncAerieOptions): Promise<DynamicModule> {
    return register(options, []);
  }

  /**
   * Runs before any route is registered.
   *
   * @throws {Error} when the application imports Aerie twice: checks of the first endpoint would not cover the second
   */
  configure(): void {
    const { httpAdapter } = this.adapterHost;
    if (occupied.has(httpAdapter)) {
      throw new Error('AerieModule is imported twice. An application has one endpoint: import it once.');
    }
    occupied.add(httpAdapter);
    const { path } = this.configuration.resource;
    leaveOutOfPrefix(this.application, [path, ...DISCOVERY_PATHS]);
    if (!this.logsRequests) return;
    const handle = everyRequest(this.log, this.configuration.log.withIssuer, { stopping: false });
    httpAdapter.use(path, handle satisfies RequestHandler);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.organizations.close(this.configuration.shutdownTimeout);
  }
}

async function register(
  {
    path,
    sse = false,
    imports = [],
    inject = [],
    useFactory,
    guard = 'mcp',
    log,
    logRequests = true,
    decorators = [],
  }: AsyncAerieOptions,
  further: NonNullable<ModuleMetadata['imports']>,
): Promise<DynamicModule> {
  return {
    module: AerieModule,
    providers: [{ provide: LOGS_REQUESTS, useValue: logRequests }, RunningRecord],
    imports: [
      ConfigurationModule.register({ imports, inject, useFactory }, { path, sse }),
      LoggingModule.register(log ?? nestLines()),
      RedisModule,
      AuthModule.register(guard),
      LimitsModule,
      MetadataModule.register(decorators),
      McpModule.register(path, decorators),
      ...(sse ? [await sseEndpoints(path, decorators)] : []),
      ...further,
    ],
  };
}

/** Loads the SSE endpoints only if they are enabled, because they depend on another major version of the SDK. */
async function sseEndpoints(path: string, decorators: readonly ClassDecorator[]): Promise<DynamicModule> {
  const { SseModule } = await loadOptional(
    'HTTP+SSE',
    ['@modelcontextprotocol/sdk'],
    () => import('./mcp/sse-2024/sse.module.js'),
  );
  return SseModule.register(path, decorators);
}

/** Loads the embedded issuer only in development. Production neither includes nor loads it. */
async function embeddedIssuer(log: LineLog): Promise<DynamicModule> {
  const { DevIssuerModule } = await loadOptional(
    'The embedded issuer',
    ['oidc-provider', 'ipaddr.js'],
    () => import('./dev-issuer/dev-issuer.module.js'),
  );
  return DevIssuerModule.registerAsync({
    inject: [CONFIGURATION, ProtectedResource],
    // A test replaces the configuration, and with it the issuer.
    useFactory: (
      { devIssuer, resource: { url }, stateDirectory }: Configuration,
      resource: ProtectedResource,
    ) =>
      devIssuer && {
        ...devIssuer,
        resourceUrl: url,
        scopes: () => resource.grantableScopes,
        stateDirectory,
        onRequest: (record) => log[record.error ? 'warn' : 'info'](record, 'issuer request'),
      },
  });
}
