import { Inject, Injectable } from '@nestjs/common';
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type Implementation,
  type Server,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { ClientChannel } from '../context/client-channel.js';
import type { RequestContext } from '../context/request-context.js';
import { Completions } from '../invocation/completions.service.js';
import { Prompts } from '../invocation/prompts.service.js';
import { RequestState } from '../invocation/request-state.js';
import { resourceNotFound, Resources } from '../invocation/resources.service.js';
import { ToolCalls } from '../invocation/tool-calls.service.js';
import { isRecord } from '../../values/is-record.js';
import { ReadableServer } from './readable-server.js';
import { MODERN_REVISION } from '../wire/revisions.js';
import { identityOf } from './identity.js';
import { Listings } from './listings.js';

/** Purpose of a server: modern exchanges, legacy exchanges without a session, or a legacy session. */
export type Serving = 'modern' | 'sessionless' | 'session';

/** Returns the context of the HTTP request of a message. */
export type RequestOf = (context: ServerContext) => RequestContext;

/** Subscriptions of a session to resources. */
export interface Subscriptions {
  subscribe(uri: string): void;
  unsubscribe(uri: string): void;
}

/** Ignores subscriptions: an exchange without a session cannot notify its client later. */
const NOBODY_LISTENS: Subscriptions = { subscribe: () => {}, unsubscribe: () => {} };

const LISTENING: ServerCapabilities = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
};
const SESSIONLESS: ServerCapabilities = {
  tools: {},
  resources: {},
  prompts: {},
  completions: {},
  logging: {},
};

/** Adds a handler to a server. `isLegacy` is true in the legacy era. */
type Register = (
  server: Server,
  requestOf: RequestOf,
  subscriptions: Subscriptions,
  isLegacy: boolean,
) => void;

/** Creates servers of the official SDK that answer from the catalog on behalf of the caller. */
@Injectable()
export class SdkServers {
  /** Handlers by method. A Map, because clients choose the keys that are looked up. */
  readonly #handlers: ReadonlyMap<string, Register>;
  readonly #identity: Implementation;
  readonly #instructions: string | undefined;

  constructor(
    private readonly catalog: CatalogService,
    private readonly authorization: AuthorizationService,
    private readonly listings: Listings,
    private readonly tools: ToolCalls,
    private readonly resources: Resources,
    private readonly prompts: Prompts,
    private readonly completions: Completions,
    private readonly state: RequestState,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.#identity = identityOf(configuration);
    this.#instructions = configuration.server.instructions;
    this.#handlers = new Map(Object.entries(this.#allHandlers()));
  }

  /**
   * Creates a server for one exchange, one session, or all requests of the fast path in one era.
   *
   * @param methods methods to register; a server for one message needs only that method
   */
  create(
    serving: Serving,
    requestOf: RequestOf,
    methods: Iterable<string> = this.#handlers.keys(),
    subscriptions = NOBODY_LISTENS,
  ): Server {
    const server = new ReadableServer(serving === 'modern' ? 'modern' : 'legacy', this.#identity, {
      capabilities: serving === 'sessionless' ? SESSIONLESS : LISTENING,
      ...(this.#instructions !== undefined && { instructions: this.#instructions }),
      ...(serving !== 'sessionless' && { cacheHints: this.catalog.current.cacheHints }),
      ...(serving === 'modern' && { supportedProtocolVersions: [MODERN_REVISION] }),
      requestState: { verify: this.state.verify },
    });
    const isLegacy = serving !== 'modern';
    for (const method of methods) this.#handlers.get(method)?.(server, requestOf, subscriptions, isLegacy);
    return server;
  }

  /** Whether there is a handler for a method. */
  serves(method: string | undefined): boolean {
    return method !== undefined && this.#handlers.has(method);
  }

  #allHandlers(): Record<string, Register> {
    return {
      'tools/list': (server, requestOf, _subscriptions, isLegacy) =>
        server.setRequestHandler('tools/list', ({ params }, context) =>
          this.listings.tools(requestOf(context), isLegacy, params?.cursor),
        ),
      'tools/call': (server, requestOf, _subscriptions, isLegacy) =>
        server.setRequestHandler('tools/call', ({ params }, context) =>
          this.tools.call({
            name: params.name,
            input: params.arguments,
            isLegacy,
            ...useOf(server, requestOf, context),
          }),
        ),
      'resources/list': (server, requestOf) =>
        server.setRequestHandler('resources/list', ({ params }, context) =>
          this.listings.resources(useOf(server, requestOf, context), params?.cursor),
        ),
      'resources/templates/list': (server, requestOf) =>
        server.setRequestHandler('resources/templates/list', ({ params }, context) =>
          this.listings.templates(requestOf(context), params?.cursor),
        ),
      'resources/read': (server, requestOf) =>
        server.setRequestHandler('resources/read', ({ params }, context) =>
          this.resources.read(params.uri, useOf(server, requestOf, context)),
        ),
      'resources/subscribe': (server, requestOf, subscriptions) =>
        server.setRequestHandler('resources/subscribe', ({ params }, context) => {
          if (!this.authorization.mayRead(requestOf(context).principal, params.uri)) {
            throw resourceNotFound(params.uri);
          }
          subscriptions.subscribe(params.uri);
          return {};
        }),
      'resources/unsubscribe': (server, _requestOf, subscriptions) =>
        server.setRequestHandler('resources/unsubscribe', ({ params }) => {
          subscriptions.unsubscribe(params.uri);
          return {};
        }),
      'prompts/list': (server, requestOf) =>
        server.setRequestHandler('prompts/list', ({ params }, context) =>
          this.listings.prompts(requestOf(context), params?.cursor),
        ),
      'prompts/get': (server, requestOf) =>
        server.setRequestHandler('prompts/get', ({ params }, context) =>
          this.prompts.get({
            name: params.name,
            input: params.arguments,
            ...useOf(server, requestOf, context),
          }),
        ),
      'completion/complete': (server, requestOf) =>
        server.setRequestHandler('completion/complete', ({ params }, context) =>
          this.completions.complete(
            { ref: params.ref, argument: params.argument, siblings: params.context?.arguments ?? {} },
            useOf(server, requestOf, context),
          ),
        ),
    };
  }
}

function useOf(
  server: Server,
  requestOf: RequestOf,
  context: ServerContext,
): { request: RequestContext; channel: ClientChannel; caller: AbortSignal } {
  return {
    request: requestOf(context),
    channel: channelOf(server, context),
    caller: context.mcpReq.signal,
  };
}

/** Creates the channel to the client of a message. */
function channelOf(server: Server, { mcpReq, http }: ServerContext): ClientChannel {
  return {
    capabilities: capabilitiesIn(mcpReq.envelope) ?? server.getClientCapabilities(),
    progressToken: mcpReq._meta?.progressToken,
    notify: (method, params) => mcpReq.notify({ method, params: { ...params } }),
    log: (level, data, logger) => mcpReq.log(level, data, logger),
    responses: mcpReq.inputResponses ?? {},
    state: mcpReq.requestState(),
    ...(http?.closeSSE && { release: http.closeSSE }),
  };
}

function capabilitiesIn(envelope: unknown): ClientCapabilities | undefined {
  const declared = isRecord(envelope) ? envelope[CLIENT_CAPABILITIES_META_KEY] : undefined;
  return isRecord(declared) ? declared : undefined;
}
