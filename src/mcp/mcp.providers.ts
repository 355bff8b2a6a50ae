import type { Provider } from '@nestjs/common';

import { Admission } from './admission/admission.js';
import { EdgeMiddleware } from './admission/edge.middleware.js';
import { AuthorizationService } from './authorization/authorization.service.js';
import { ToolSelections } from './authorization/tool-selections.service.js';
import { CatalogService } from './catalog/catalog.service.js';
import { ReloadedLimits } from './catalog/reloaded-limits.js';
import { DeclaredOffers } from './catalog/declared-offers.js';
import { EndpointDeclarations } from './catalog/endpoint-declarations.js';
import { EnhancedOffers } from './catalog/enhanced-offers.js';
import { Discovery } from './catalog/discovery.js';
import { LateModules } from './catalog/late-modules.js';
import { LiveCatalog } from './catalog/live-catalog.js';
import { MethodRunnerFactory } from './catalog/method-runner.js';
import { OFFER_SOURCES, type OfferSource } from './catalog/offer-source.js';
import { ControllerTools } from './controllers/controller-tools.service.js';
import { RouteAccess } from './controllers/route-access.js';
import { ChangeEvents } from './events/change-events.js';
import { OpenStreams } from './events/open-streams.js';
import { Completions } from './invocation/completions.service.js';
import { InvocationService } from './invocation/invocation.service.js';
import { Prompts } from './invocation/prompts.service.js';
import { RequestState } from './invocation/request-state.js';
import { Resources } from './invocation/resources.service.js';
import { ResultLimit } from './invocation/result-limit.js';
import { StuckHandlers } from './invocation/stuck-handlers.js';
import { ToolCalls } from './invocation/tool-calls.service.js';
import { OpenApiTools } from './openapi/open-api-tools.service.js';
import { ToolPolicyService } from './policy/tool-policy.service.js';
import { ToolSearch } from './search/tool-search.service.js';
import { Listings } from './server/listings.js';
import { SdkServers } from './server/sdk-servers.js';
import { McpSessions } from './sessions/mcp-sessions.js';
import { SessionRegistry } from './sessions/session-registry.js';
import { FastPath } from './streamable-http/fast-path.js';
import { Listeners } from './streamable-http/listeners.js';
import { McpEndpoint } from './streamable-http/mcp-endpoint.js';
import { ModernExchanges } from './streamable-http/modern-exchanges.js';

/** Find the tools of one endpoint, and serve them. */
export const MCP_PROVIDERS: readonly Provider[] = [
  // Startup compiles the catalog.
  Discovery,
  DeclaredOffers,
  MethodRunnerFactory,
  EndpointDeclarations,
  EnhancedOffers,
  ControllerTools,
  RouteAccess,
  OpenApiTools,
  {
    provide: OFFER_SOURCES,
    inject: [ControllerTools, OpenApiTools, RouteAccess],
    useFactory: (...sources: readonly OfferSource[]) => sources,
  },
  CatalogService,
  ReloadedLimits,
  LateModules,
  LiveCatalog,
  // Decide who may know of and use an offer.
  ToolPolicyService,
  AuthorizationService,
  ToolSelections,
  ToolSearch,
  // Tell clients of changes.
  ChangeEvents,
  OpenStreams,
  // Run the methods.
  InvocationService,
  RequestState,
  ResultLimit,
  StuckHandlers,
  ToolCalls,
  Resources,
  Prompts,
  Completions,
  // Check requests before they are served.
  Admission,
  EdgeMiddleware,
  // Speak the protocol.
  Listings,
  SdkServers,
  SessionRegistry,
  McpSessions,
  FastPath,
  ModernExchanges,
  Listeners,
  McpEndpoint,
];
