import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';

import type { GuardedRoutes } from './auth/guarded-routes.js';
import type { ClaimSchemas } from './auth/declared-claims.js';
import type { Configuration } from './config/configuration.js';
import { SHARED_CONFIGURATION } from './config/shared-configuration.module.js';
import { EmbeddedIssuerModule, loadIssuer } from './embedded-issuer.module.js';
import { EndpointModule, SHARED_MODULES } from './endpoint.module.js';
import type { LineLog } from './logging/line-log.js';
import { nestLines } from './logging/nest-lines.js';
import type { EnhancerOptions } from './mcp/catalog/endpoint-enhancers.js';
import { offeredAt } from './mcp/catalog/features.js';
import { fromOpenApi } from './mcp/openapi/from-open-api.js';
import type { RequestUser } from './mcp/controllers/request-user.js';
import { OrganizationContexts } from './mcp/context/organization-contexts.js';
import type { OpenApiOptions } from './mcp/decorators/open-api-options.js';
import { MetadataModule } from './metadata/metadata.module.js';
import { ObservationModule } from './observation/observation.module.js';
import type { Observer } from './observation/observer.js';
import { DEFAULT_ENDPOINT } from './routes/endpoint-name.js';
import type { ConnectPagePlace } from './optional-parts.js';
import { ReportedRevocations } from './reported-revocations.js';
import { RunningRecord } from './running-record.js';
import { SharedGauges } from './shared-gauges.js';

/** How an endpoint of Aerie fits into an application. */
export interface AerieOptions {
  /**
   * Name of the endpoint, if the application has several. The one without a name is the default endpoint: its settings
   * of Redis, the state directory and the guard apply to the whole application.
   */
  readonly endpoint?: string;
  /**
   * Routes that require a token verified by Aerie; default `mcp`. Only for the default endpoint: another one covers its
   * own routes, always.
   */
  readonly guard?: GuardedRoutes;
  /**
   * Class decorators for Aerie's controllers, such as the one with which the application's own global guard lets a route
   * pass. Aerie's guard still covers the endpoint.
   */
  readonly decorators?: readonly ClassDecorator[];
  /** Schemas of further claims that handlers read with `principal.claim(name)`. Others are not kept. */
  readonly claims?: ClaimSchemas;
  /**
   * Returns the value of `request.user`, or a promise of it, for the caller of a tool that `@ExposeAsTool()` makes of a
   * route. Default: none.
   * The application's own guards run later, and may replace it.
   */
  readonly requestUser?: RequestUser;
  /** Destination of the lines for calls and requests; default NestJS's `Logger`. */
  readonly log?: LineLog;
  /** Whether requests to Aerie's routes get an id and a log line; default true. */
  readonly logRequests?: boolean;
  /** Observers of requests and calls, for metrics or an audit trail of the application. */
  readonly observers?: readonly Observer[];
  /**
   * Place of the page that explains how to connect, for browsers; default `endpoint`. `root` shows it at `/` too, and `off`
   * nowhere, as `CONNECT_PAGE=off` does.
   */
  readonly connectPage?: ConnectPagePlace;
  /**
   * Guards, interceptors and filters around every use of a tool, resource or prompt of the endpoint. They run before those
   * of its class and method; filters, after them.
   */
  readonly enhancers?: EnhancerOptions;
  /** Modules whose providers the enhancers inject, and the factory of {@link AerieModule.forRootAsync}. */
  readonly imports?: ModuleMetadata['imports'];
}

/** Options of {@link AerieModule.forRootAsync}. */
export interface AsyncAerieOptions
  extends AerieOptions, Pick<FactoryProvider<Configuration>, 'inject' | 'useFactory'> {
  /** Path of the endpoint, such as `/mcp`. Routes exist before the factory runs. */
  readonly path: string;
  /** Whether to serve HTTP+SSE of 2024-11-05 too; default false. */
  readonly sse?: boolean;
}

/** Options of {@link AerieModule.forFeature}. */
export interface FeatureOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Endpoint that offers the tools, or several; default the default endpoint, `default`. */
  readonly endpoint?: string | readonly string[];
}

/** Providers of one endpoint, or of several. */
@Module({})
class AerieFeatureModule {}

/** Serves the tools of an application over MCP, behind OAuth 2.1. */
@Module({})
export class AerieModule implements OnApplicationShutdown {
  constructor(
    private readonly organizations: OrganizationContexts,
    @Inject(SHARED_CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** @param configuration validated configuration, such as that of `fromEnvironment(variables)` */
  static async forRoot(configuration: Configuration, options: AerieOptions = {}): Promise<DynamicModule> {
    const { devIssuer, sessions, resource, connectPage } = configuration;
    if (devIssuer) await loadIssuer(); // reports missing packages before NestJS logs a stack
    return register({
      ...options,
      ...(!connectPage && { connectPage: 'off' }),
      path: resource.path,
      sse: sessions.sse,
      useFactory: () => configuration,
    });
  }

  /** Reads the configuration from providers of the application. */
  static forRootAsync(options: AsyncAerieOptions): Promise<DynamicModule> {
    return register(options);
  }

  /**
   * Provides tools, resources and prompts that only the named endpoint offers. Providers of all other modules belong to
   * the default endpoint.
   *
   * @param providers classes with decorated methods, and further providers that they need; all are exported
   * @throws {Error} when the list of endpoints is empty
   */
  static forFeature(
    providers: readonly Provider[],
    { endpoint, imports = [] }: FeatureOptions = {},
  ): DynamicModule {
    return {
      module: AerieFeatureModule,
      imports,
      providers: [...providers, ...offeredAt('forFeature()', endpoint)],
      exports: [...providers],
    };
  }

  /** Offers operations of an OpenAPI document as tools. See docs/openapi.md. */
  static fromOpenApi(options: OpenApiOptions): DynamicModule {
    return fromOpenApi(options);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.organizations.close(this.configuration.shutdownTimeout);
  }
}

async function register({
  endpoint = DEFAULT_ENDPOINT,
  path,
  sse = false,
  imports = [],
  inject = [],
  useFactory,
  guard = 'mcp',
  log = nestLines(),
  logRequests = true,
  observers = [],
  decorators = [],
  claims,
  requestUser,
  connectPage = 'endpoint',
  enhancers,
}: AsyncAerieOptions): Promise<DynamicModule> {
  const isDefault = endpoint === DEFAULT_ENDPOINT;
  return {
    module: AerieModule,
    providers: isDefault ? [ReportedRevocations, RunningRecord, SharedGauges] : [],
    imports: [
      ...SHARED_MODULES,
      ObservationModule,
      ...(isDefault ? [MetadataModule.register(decorators)] : []),
      await EndpointModule.register({
        endpoint,
        path,
        sse,
        imports,
        inject,
        useFactory,
        guard,
        log,
        logRequests,
        observers,
        decorators,
        claims,
        requestUser,
        connectPage,
        enhancers,
      }),
      EmbeddedIssuerModule.register(endpoint, log, observers),
    ],
  };
}
