import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Logger,
  Module,
  type ModuleMetadata,
  type NestModule,
} from '@nestjs/common';
import { APP_FILTER, ApplicationConfig, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { RequestHandler } from 'express';

import { AuthErrorFilter } from './auth/auth-error.filter.js';
import { INVALID_TOKEN_GUARD } from './auth/auth.guard.js';
import { AUTH_PROVIDERS } from './auth/auth.providers.js';
import { type ClaimSchemas, DeclaredClaims } from './auth/declared-claims.js';
import { GUARDED_ROUTES, type GuardedRoutes } from './auth/guarded-routes.js';
import { ProtectedResource } from './auth/protected-resource.js';
import { RevocationModule } from './auth/revocation/revocation.module.js';
import { RevocationsService } from './auth/revocation/revocations.service.js';
import { TokenVerifier } from './auth/token-verifier.js';
import { OWN_KEYS, SCALEKIT } from './auth/verifiers.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import { configurationProvider } from './config/configuration-provider.js';
import { Reloads } from './config/reloads.js';
import { SharedConfigurationModule } from './config/shared-configuration.module.js';
import { coversRequests, everyRequest } from './every-request.js';
import { LIMITS_PROVIDERS } from './limits/limits.providers.js';
import { CallsInFlight } from './limits/calls-in-flight.js';
import { LOG, type LineLog } from './logging/line-log.js';
import { EdgeMiddleware } from './mcp/admission/edge.middleware.js';
import { CatalogService } from './mcp/catalog/catalog.service.js';
import {
  ENHANCED_ENDPOINT,
  enhancedEndpoint,
  type EnhancerOptions,
} from './mcp/catalog/endpoint-enhancers.js';
import { LiveCatalog } from './mcp/catalog/live-catalog.js';
import { ServerCardController } from './mcp/card/server-card.controller.js';
import { CallerModule } from './mcp/context/caller.module.js';
import { REQUEST_USER, type RequestUser } from './mcp/controllers/request-user.js';
import { ResourceUpdatesModule } from './mcp/events/resource-updates.module.js';
import { MCP_PROVIDERS } from './mcp/mcp.providers.js';
import { McpController } from './mcp/streamable-http/mcp.controller.js';
import { Endpoints } from './metadata/endpoints.js';
import { EndpointsModule } from './metadata/endpoints.module.js';
import { trustProxies } from './network/trust-proxies.js';
import { allObservers } from './observation/all-observers.js';
import { ObservationModule } from './observation/observation.module.js';
import { OBSERVER, type Observer } from './observation/observer.js';
import { CONNECT_PAGE, type ConnectPagePlace, connectPageParts, sseParts } from './optional-parts.js';
import { EndpointGauges } from './endpoint-gauges.js';
import { RedisModule } from './redis/redis.module.js';
import { openBelow, servedAt } from './routes/decorated.js';
import { DEFAULT_ENDPOINT, ENDPOINT, ENDPOINT_PATH, ofEndpoint } from './routes/endpoint-name.js';
import { leaveOutOfPrefix } from './routes/leave-out-of-prefix.js';
import { withoutSlash } from './values/without-slash.js';
import { protectedPaths, SERVER_CARD_PATH } from './routes/endpoint-paths.js';

/** Endpoint to register. */
export interface EndpointOptions
  extends Pick<ModuleMetadata, 'imports'>, Pick<FactoryProvider<Configuration>, 'inject' | 'useFactory'> {
  readonly endpoint: string;
  readonly path: string;
  readonly sse: boolean;
  readonly guard: GuardedRoutes;
  readonly log: LineLog;
  readonly logRequests: boolean;
  readonly observers: readonly Observer[];
  readonly decorators: readonly ClassDecorator[];
  readonly claims: ClaimSchemas | undefined;
  readonly requestUser: RequestUser | undefined;
  readonly connectPage: ConnectPagePlace;
  readonly enhancers: EnhancerOptions | undefined;
}

/** Whether to log the requests to an endpoint. */
const LOGS_REQUESTS = Symbol('LOGS_REQUESTS');

/** Providers of the default endpoint that the application, and our own deployment, may inject. */
const PUBLIC = [
  CONFIGURATION,
  Reloads,
  LOG,
  OBSERVER,
  TokenVerifier,
  SCALEKIT,
  OWN_KEYS,
  ProtectedResource,
  INVALID_TOKEN_GUARD,
  CallsInFlight,
  CatalogService,
  LiveCatalog,
];

/** Providers of another endpoint that the application finds by {@link ofEndpoint}. */
const NAMED = [CONFIGURATION, ProtectedResource, LiveCatalog];

/** Name of an endpoint. It is part of keys in Redis and of the path of its embedded issuer's files. */
const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Modules that all endpoints share. Import them first: NestJS then starts them before the endpoints, and stops them after. */
export const SHARED_MODULES = [
  SharedConfigurationModule,
  RedisModule,
  RevocationModule,
  ResourceUpdatesModule,
  CallerModule,
  EndpointsModule,
];

/**
 * One endpoint, with a provider of its own for everything that another endpoint must not share: configuration, verified
 * tokens, limits, catalog, sessions and streams. A single list of providers makes sure that nothing is taken from
 * another endpoint.
 *
 * Global, so that it starts before the application's modules and stops after them.
 */
@Module({})
export class EndpointModule implements NestModule {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly application: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly reference: ModuleRef,
    private readonly endpoints: Endpoints,
    private readonly revocations: RevocationsService,
    private readonly edge: EdgeMiddleware,
    private readonly resource: ProtectedResource,
    @Inject(ENDPOINT) private readonly name: string,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOG) private readonly log: LineLog,
    @Inject(LOGS_REQUESTS) private readonly logsRequests: boolean,
    @Inject(OBSERVER) private readonly observer: Observer | undefined,
    @Inject(CONNECT_PAGE) private readonly connectPage: RequestHandler | undefined,
  ) {}

  /** @throws {Error} when the name of the endpoint is invalid */
  static async register(options: EndpointOptions): Promise<DynamicModule> {
    const { endpoint, imports = [], sse } = options;
    if (!NAME.test(endpoint)) {
      throw new Error(
        `The endpoint has the invalid name "${endpoint}". Use lowercase letters, digits and hyphens, such as "staff".`,
      );
    }
    const parts = [...(sse ? [await sseParts()] : []), await connectPageParts(options.connectPage)];
    const isDefault = endpoint === DEFAULT_ENDPOINT;
    const enhanced = enhancedEndpoint(options.enhancers);
    return {
      module: EndpointModule,
      global: true,
      imports: [ObservationModule, ...imports],
      controllers: [
        ...[McpController, ...parts.flatMap(({ controllers }) => controllers)].map((controller) =>
          servedAt(controller, options),
        ),
        openBelow(ServerCardController, SERVER_CARD_PATH, options),
      ],
      providers: [
        { provide: ENDPOINT, useValue: endpoint },
        { provide: ENDPOINT_PATH, useValue: options.path },
        { provide: LOG, useValue: options.log },
        { provide: LOGS_REQUESTS, useValue: options.logRequests },
        { provide: OBSERVER, useValue: allObservers(options.observers, options.log) },
        EndpointGauges,
        { provide: GUARDED_ROUTES, useValue: options.guard },
        { provide: DeclaredClaims, useValue: new DeclaredClaims(options.claims) },
        { provide: REQUEST_USER, useValue: options.requestUser },
        { provide: ENHANCED_ENDPOINT, useValue: enhanced },
        ...(enhanced ? [enhanced] : []),
        configurationProvider(options),
        Reloads,
        ...AUTH_PROVIDERS,
        ...LIMITS_PROVIDERS,
        ...MCP_PROVIDERS,
        ...parts.flatMap(({ providers }) => providers),
        ...(isDefault ? [{ provide: APP_FILTER, useClass: AuthErrorFilter }] : []),
        ...(isDefault
          ? []
          : NAMED.map((token) => ({ provide: ofEndpoint(endpoint, token), useExisting: token }))),
      ],
      exports: isDefault ? PUBLIC : NAMED.map((token) => ofEndpoint(endpoint, token)),
    };
  }

  /**
   * Runs before any route is registered.
   *
   * @throws {Error} when the application does not run on Express, or has another endpoint that is not separate
   */
  configure(): void {
    const { httpAdapter } = this.adapterHost;
    if (httpAdapter.getType() !== 'express') {
      throw new Error(
        `AerieModule needs NestJS on Express, but the application runs on ${httpAdapter.getType()}. See docs/embedding.md.`,
      );
    }
    const { path } = this.configuration.resource;
    const { sse } = this.configuration.sessions;
    const ways = protectedPaths({ sse, connectPage: this.connectPage !== undefined });
    const own = [...ways, SERVER_CARD_PATH].map((way) => `/${way}`);
    this.#warn();
    if (this.name === DEFAULT_ENDPOINT)
      trustProxies(httpAdapter.getInstance(), this.configuration.http.trustedProxies);
    this.endpoints.add({ name: this.name, configuration: this.configuration, resource: this.resource });
    this.revocations.keepFor(this.configuration.maxTokenLifetime);
    leaveOutOfPrefix(this.application, this.modules, this.reference);
    if (!coversRequests(httpAdapter.getInstance())) httpAdapter.use(path, this.#everyOwnRequest(own));
    this.edge.protect(...ways);
    httpAdapter.use(this.connectPage ? beforeGet(this.edge.use, this.connectPage) : this.edge.use);
  }

  /** Returns a middleware for the requests to this endpoint, and to the paths below it. */
  #everyOwnRequest(below: readonly string[]): RequestHandler {
    const { log } = this.configuration;
    const every = everyRequest(this.log, log, { stopping: false }, this.observer, this.logsRequests);
    const own = new Set(['', ...below]);
    // Express ignores case and a trailing slash.
    return (request, response, next) =>
      own.has(withoutSlash(request.path.toLowerCase())) ? every(request, response, next) : next();
  }

  /** Logs what looks like a mistake, once if several endpoints have it. */
  #warn(): void {
    const { warnings, audit, telemetry } = this.configuration;
    const logger = new Logger('Configuration');
    for (const warning of warnings) if (!this.endpoints.hasWarning(warning)) logger.warn(warning);
    if (audit && this.observer?.isAuditTrail !== true) {
      this.log.warn(
        { endpoint: this.name },
        'AUDIT is set, but nothing is recorded: add the observer of startAuditTrail() to the observers of AerieModule. See docs/audit.md.',
      );
    }
    // The variables OTEL_* may be meant for a telemetry of the application's own.
    if (telemetry.metrics && this.observer?.hasMetrics !== true) {
      this.log.warn(
        { endpoint: this.name },
        'METRICS_PORT is set, but nothing is measured: add the observers of startTelemetry() to the observers of AerieModule. See docs/embedding.md.',
      );
    }
  }
}

/** Returns a middleware that runs both for GET and HEAD, and only the first for calls, which need not pay for the second. */
function beforeGet(first: RequestHandler, second: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      void first(request, response, next);
      return;
    }
    void first(request, response, (error?: unknown) => {
      if (error === undefined) void second(request, response, next);
      else next(error);
    });
  };
}
