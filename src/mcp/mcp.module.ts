import { type DynamicModule, Global, Module, type NestModule, type OnModuleInit } from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost, Reflector, RouterModule } from '@nestjs/core';

import { isPublic } from '../auth/public.decorator.js';
import { decorated } from '../routes/decorated.js';
import { AuthorizationService } from './authorization/authorization.service.js';
import { CatalogService } from './catalog/catalog.service.js';
import { CallerModule } from './context/caller.module.js';
import { InvocationService } from './invocation/invocation.service.js';
import { LiveCatalog } from './catalog/live-catalog.js';
import { MethodRunnerFactory } from './catalog/method-runner.js';
import { DeclaredOffers } from './catalog/declared-offers.js';
import { Discovery } from './catalog/discovery.js';
import { LateModules } from './catalog/late-modules.js';
import { Completions } from './invocation/completions.service.js';
import { Prompts } from './invocation/prompts.service.js';
import { StuckHandlers } from './invocation/stuck-handlers.js';
import { RequestState } from './invocation/request-state.js';
import { Resources } from './invocation/resources.service.js';
import { ResultLimit } from './invocation/result-limit.js';
import { ToolCalls } from './invocation/tool-calls.service.js';
import { Listings } from './server/listings.js';
import { SdkServers } from './server/sdk-servers.js';
import { ToolPolicyService } from './policy/tool-policy.service.js';
import { ChangeEvents } from './events/change-events.js';
import { ResourceUpdates } from './events/resource-updates.js';
import { OpenStreams } from './events/open-streams.js';
import { McpSessions } from './sessions/mcp-sessions.js';
import { SessionRegistry } from './sessions/session-registry.js';
import { EdgeMiddleware } from './admission/edge.middleware.js';
import { FastPath } from './streamable-http/fast-path.js';
import { Listeners } from './streamable-http/listeners.js';
import { McpController } from './streamable-http/mcp.controller.js';
import { McpEndpoint } from './streamable-http/mcp-endpoint.js';
import { ModernExchanges } from './streamable-http/modern-exchanges.js';
import { Admission } from './admission/admission.js';

/** Finds the tools of the whole application and serves them at one path. */
@Global()
@Module({
  imports: [DiscoveryModule, CallerModule],
  providers: [
    Discovery,
    DeclaredOffers,
    CatalogService,
    LateModules,
    LiveCatalog,
    AuthorizationService,
    MethodRunnerFactory,
    ToolPolicyService,
    RequestState,
    InvocationService,
    ResultLimit,
    ToolCalls,
    Resources,
    Prompts,
    Completions,
    Listings,
    SdkServers,
    FastPath,
    ModernExchanges,
    McpEndpoint,
    EdgeMiddleware,
    StuckHandlers,
    Admission,
    ChangeEvents,
    ResourceUpdates,
    OpenStreams,
    SessionRegistry,
    McpSessions,
    Listeners,
  ],
  exports: [
    CatalogService,
    LiveCatalog,
    ResourceUpdates,
    // For the endpoints of 2024.
    AuthorizationService,
    ToolCalls,
    Resources,
    Prompts,
    Completions,
    RequestState,
    Listings,
    ChangeEvents,
    OpenStreams,
    SessionRegistry,
    Admission,
    EdgeMiddleware,
  ],
})
export class McpModule implements NestModule, OnModuleInit {
  constructor(
    private readonly reflector: Reflector,
    private readonly adapterHost: HttpAdapterHost,
    private readonly edge: EdgeMiddleware,
  ) {}

  /**
   * @param path where the endpoint is served, such as `/mcp` or `/`
   * @param decorators class decorators for the endpoint's controller
   */
  static register(path: string, decorators: readonly ClassDecorator[] = []): DynamicModule {
    return {
      module: McpModule,
      imports: [RouterModule.register([{ path, module: McpModule }])],
      controllers: [decorated(McpController, decorators)],
    };
  }

  /** Before any route is registered. */
  configure(): void {
    this.adapterHost.httpAdapter.use(this.edge.use);
  }

  /** @throws when somebody has opened the endpoint: it is closed, always */
  onModuleInit(): void {
    const isOpen = isPublic(this.reflector, Reflect.get(McpController.prototype, 'handle'), McpController);
    if (isOpen) {
      throw new Error('Aerie cannot start: the MCP endpoint is marked @Public(). Remove it.');
    }
  }
}
