import { Inject, Injectable } from '@nestjs/common';
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import type { RequestContext } from '../context/request-context.js';
import { Completions } from '../invocation/completions.service.js';
import { Prompts } from '../invocation/prompts.service.js';
import { RequestState } from '../invocation/request-state.js';
import { resourceNotFound, Resources } from '../invocation/resources.service.js';
import { ToolCalls } from '../invocation/tool-calls.service.js';
import { identityOf } from '../server/identity.js';
import { Listings } from '../server/listings.js';
import type { Subscriptions } from '../server/sdk-servers.js';
import { InputFailure, useOf, withInput } from './client-rounds.js';

/** Returns the context of the HTTP request of a message. */
export type RequestOf = (authInfo: AuthInfo | undefined) => RequestContext;

/** Creates servers of SDK v1 for the same catalog. Only plain data passes between the two SDK versions. */
@Injectable()
export class V1Servers {
  constructor(
    private readonly authorization: AuthorizationService,
    private readonly listings: Listings,
    private readonly tools: ToolCalls,
    private readonly resources: Resources,
    private readonly prompts: Prompts,
    private readonly completions: Completions,
    private readonly state: RequestState,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  create(requestOf: RequestOf, subscriptions: Subscriptions): Server {
    const { instructions } = this.configuration.server;
    const server = new Server(identityOf(this.configuration), {
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        completions: {},
        logging: {},
      },
      ...(instructions !== undefined && { instructions }),
    });
    this.#serveLists(server, requestOf);
    this.#serveUse(server, requestOf);
    this.#serveSubscriptions(server, requestOf, subscriptions);
    return server;
  }

  #serveLists(server: Server, requestOf: RequestOf): void {
    server.setRequestHandler(ListToolsRequestSchema, ({ params }, { authInfo }) =>
      this.listings.tools(requestOf(authInfo), true, params?.cursor),
    );
    server.setRequestHandler(ListResourcesRequestSchema, ({ params }, extra) =>
      this.listings.resources(useOf(server, requestOf(extra.authInfo), extra), params?.cursor),
    );
    server.setRequestHandler(ListResourceTemplatesRequestSchema, ({ params }, { authInfo }) =>
      this.listings.templates(requestOf(authInfo), params?.cursor),
    );
    server.setRequestHandler(ListPromptsRequestSchema, ({ params }, { authInfo }) =>
      this.listings.prompts(requestOf(authInfo), params?.cursor),
    );
  }

  #serveUse(server: Server, requestOf: RequestOf): void {
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      try {
        return await withInput(
          server,
          requestOf(extra.authInfo),
          extra,
          (use) => this.tools.call({ name: params.name, input: params.arguments, isLegacy: true, ...use }),
          this.state.verify,
        );
      } catch (error) {
        if (!(error instanceof InputFailure)) throw error;
        return { content: [{ type: 'text', text: error.message }], isError: true };
      }
    });
    server.setRequestHandler(ReadResourceRequestSchema, ({ params }, extra) =>
      withInput(
        server,
        requestOf(extra.authInfo),
        extra,
        (use) => this.resources.read(params.uri, use),
        this.state.verify,
      ),
    );
    server.setRequestHandler(GetPromptRequestSchema, ({ params }, extra) =>
      withInput(
        server,
        requestOf(extra.authInfo),
        extra,
        (use) => this.prompts.get({ name: params.name, input: params.arguments, ...use }),
        this.state.verify,
      ),
    );
    server.setRequestHandler(CompleteRequestSchema, ({ params: { ref, argument, context } }, extra) =>
      this.completions.complete(
        { ref, argument, siblings: context?.arguments ?? {} },
        useOf(server, requestOf(extra.authInfo), extra),
      ),
    );
  }

  #serveSubscriptions(server: Server, requestOf: RequestOf, subscriptions: Subscriptions): void {
    server.setRequestHandler(SubscribeRequestSchema, ({ params }, { authInfo }) => {
      if (!this.authorization.mayRead(requestOf(authInfo).principal, params.uri)) {
        throw resourceNotFound(params.uri);
      }
      subscriptions.subscribe(params.uri);
      return {};
    });
    server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      subscriptions.unsubscribe(params.uri);
      return {};
    });
  }
}
