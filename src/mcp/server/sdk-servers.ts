import { Inject, Injectable } from '@nestjs/common';
import {
  type CacheHint,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type Implementation,
  type Server,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { type AdmittedMessages, admittedIn } from '../admission/admitted-messages.js';
import type { ListMethod } from '../catalog/catalog.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { ClientChannel } from '../context/client-channel.js';
import { progressOf } from '../context/progress.js';
import type { CallOrigin } from '../invocation/call.js';
import { Completions } from '../invocation/completions.service.js';
import { Prompts } from '../invocation/prompts.service.js';
import { RequestState } from '../invocation/request-state.js';
import { requireReadable, Resources } from '../invocation/resources.service.js';
import { ToolCalls } from '../invocation/tool-calls.service.js';
import { isRecord } from '../../values/is-record.js';
import { ReadableServer } from './readable-server.js';
import { MODERN_REVISION } from '../wire/revisions.js';
import { identityOf } from './identity.js';
import { Listings } from './listings.js';

/** Purpose of a server: modern exchanges, legacy exchanges without a session, or a legacy session. */
export type Serving = 'modern' | 'sessionless' | 'session';

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
type Register = (server: ReadableServer, subscriptions: Subscriptions, isLegacy: boolean) => void;

/** Creates servers of the official SDK that answer from the catalog on behalf of the caller. */
@Injectable()
export class SdkServers {
  /** Handlers by method. A Map, because clients choose the keys that are looked up. */
  readonly #handlers: ReadonlyMap<string, Register>;
  readonly #identity: Implementation;
  readonly #instructions: string | undefined;

  constructor(
    private readonly catalog: CatalogService,
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
    methods: Iterable<string> = this.#handlers.keys(),
    subscriptions = NOBODY_LISTENS,
  ): Server {
    const server = new ReadableServer(serving === 'modern' ? 'modern' : 'legacy', this.#identity, {
      capabilities: serving === 'sessionless' ? SESSIONLESS : LISTENING,
      ...(this.#instructions !== undefined && { instructions: this.#instructions }),
      ...(serving === 'modern' && { supportedProtocolVersions: [MODERN_REVISION] }),
      requestState: { verify: this.state.verify },
    });
    const isLegacy = serving !== 'modern';
    for (const method of methods) this.#handlers.get(method)?.(server, subscriptions, isLegacy);
    return server;
  }

  /** Whether there is a handler for a method. */
  serves(method: string | undefined): boolean {
    return method !== undefined && this.#handlers.has(method);
  }

  #allHandlers(): Record<string, Register> {
    // To be read before the list, so that both are of the same catalog if the list waits. The SDK's own option for hints
    // makes V8 turn each list into a slow object with a dictionary of members.
    const hintsOf = (method: ListMethod, isLegacy: boolean): CacheHint | undefined =>
      isLegacy ? undefined : this.catalog.current.cacheHints[method];
    return {
      'tools/list': (server, _subscriptions, isLegacy) =>
        server.setRequestHandler('tools/list', ({ params }, extra) => ({
          ...hintsOf('tools/list', isLegacy),
          ...this.listings.tools(admittedOf(extra).context, isLegacy, params?.cursor),
        })),
      'tools/call': (server, _subscriptions, isLegacy) =>
        server.setCallHandler(({ name, arguments: input }, extra) => {
          const origin = originOf(server, extra);
          return this.tools.call({
            name,
            asked: admittedOf(extra).asked('tool', name, origin.channel.state),
            input,
            isLegacy,
            ...origin,
          });
        }),
      'resources/list': (server, _subscriptions, isLegacy) =>
        server.setRequestHandler('resources/list', async ({ params }, extra) => ({
          ...hintsOf('resources/list', isLegacy),
          ...(await this.listings.resources(originOf(server, extra), params?.cursor)),
        })),
      'resources/templates/list': (server, _subscriptions, isLegacy) =>
        server.setRequestHandler('resources/templates/list', ({ params }, extra) => ({
          ...hintsOf('resources/templates/list', isLegacy),
          ...this.listings.templates(admittedOf(extra).context, params?.cursor),
        })),
      'resources/read': (server) =>
        server.setRequestHandler('resources/read', ({ params: { uri } }, extra) => {
          const origin = originOf(server, extra);
          return this.resources.read(
            uri,
            admittedOf(extra).asked('resource', uri, origin.channel.state),
            origin,
          );
        }),
      'resources/subscribe': (server, subscriptions) =>
        server.setRequestHandler('resources/subscribe', ({ params: { uri } }, extra) => {
          requireReadable(uri, admittedOf(extra).asked('resource', uri));
          subscriptions.subscribe(uri);
          return {};
        }),
      'resources/unsubscribe': (server, subscriptions) =>
        server.setRequestHandler('resources/unsubscribe', ({ params }) => {
          subscriptions.unsubscribe(params.uri);
          return {};
        }),
      'prompts/list': (server, _subscriptions, isLegacy) =>
        server.setRequestHandler('prompts/list', ({ params }, extra) => ({
          ...hintsOf('prompts/list', isLegacy),
          ...this.listings.prompts(admittedOf(extra).context, params?.cursor),
        })),
      'prompts/get': (server) =>
        server.setRequestHandler('prompts/get', ({ params: { name, arguments: input } }, extra) => {
          const origin = originOf(server, extra);
          return this.prompts.get({
            name,
            asked: admittedOf(extra).asked('prompt', name, origin.channel.state),
            input,
            ...origin,
          });
        }),
      'completion/complete': (server) =>
        server.setRequestHandler('completion/complete', ({ params }, extra) => {
          const { ref, argument, context: { arguments: siblings = {} } = {} } = params;
          const typed = { asked: admittedOf(extra).askedBy(ref), argument, siblings };
          return this.completions.complete(typed, originOf(server, extra));
        }),
    };
  }
}

const admittedOf = ({ http }: ServerContext): AdmittedMessages => admittedIn(http?.authInfo);

const originOf = (server: ReadableServer, extra: ServerContext): CallOrigin => ({
  request: admittedOf(extra).context,
  channel: channelOf(server, extra),
  caller: extra.mcpReq.signal,
});

/** Creates the channel to the client of a message. */
function channelOf(server: ReadableServer, { mcpReq, http }: ServerContext): ClientChannel {
  return {
    capabilities: capabilitiesIn(mcpReq.envelope) ?? server.getClientCapabilities(),
    progress: progressOf(mcpReq.signal, mcpReq._meta?.progressToken),
    notify: (method, params) => mcpReq.notify({ method, params: { ...params } }),
    log: (level, data, logger) => mcpReq.log(level, data, logger),
    responses: mcpReq.inputResponses ?? {},
    state: mcpReq.requestState(),
    keepsState: server.era === 'legacy',
    isModern: server.era === 'modern',
    meta: mcpReq._meta,
    ...(http?.closeSSE && { release: http.closeSSE }),
  };
}

function capabilitiesIn(envelope: unknown): ClientCapabilities | undefined {
  const declared = isRecord(envelope) ? envelope[CLIENT_CAPABILITIES_META_KEY] : undefined;
  return isRecord(declared) ? declared : undefined;
}
