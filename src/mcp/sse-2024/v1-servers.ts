import { Inject, Injectable } from '@nestjs/common';
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
import { admittedIn } from '../admission/admitted-messages.js';
import { Completions } from '../invocation/completions.service.js';
import { Prompts } from '../invocation/prompts.service.js';
import { RequestState } from '../invocation/request-state.js';
import type { CallOrigin } from '../invocation/call.js';
import { requireReadable, Resources } from '../invocation/resources.service.js';
import { ToolCalls } from '../invocation/tool-calls.service.js';
import { identityOf } from '../server/identity.js';
import { Listings } from '../server/listings.js';
import type { Subscriptions } from '../server/sdk-servers.js';
import { InputFailure, originOfRound, withInput } from './client-rounds.js';

/** Creates servers of SDK v1 for the same catalog. Only plain data passes between the two SDK versions. */
@Injectable()
export class V1Servers {
  constructor(
    private readonly listings: Listings,
    private readonly tools: ToolCalls,
    private readonly resources: Resources,
    private readonly prompts: Prompts,
    private readonly completions: Completions,
    private readonly state: RequestState,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  create(subscriptions: Subscriptions): Server {
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
    this.#serveLists(server);
    this.#serveUse(server);
    this.#serveSubscriptions(server, subscriptions);
    return server;
  }

  #serveLists(server: Server): void {
    server.setRequestHandler(ListToolsRequestSchema, ({ params }, { authInfo }) =>
      this.listings.tools(admittedIn(authInfo).context, true, params?.cursor),
    );
    server.setRequestHandler(ListResourcesRequestSchema, ({ params }, extra) =>
      this.listings.resources(originOfRound(server, extra), params?.cursor),
    );
    server.setRequestHandler(ListResourceTemplatesRequestSchema, ({ params }, { authInfo }) =>
      this.listings.templates(admittedIn(authInfo).context, params?.cursor),
    );
    server.setRequestHandler(ListPromptsRequestSchema, ({ params }, { authInfo }) =>
      this.listings.prompts(admittedIn(authInfo).context, params?.cursor),
    );
  }

  #serveUse(server: Server): void {
    const { verify } = this.state;
    server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: input } }, extra) => {
      const messages = admittedIn(extra.authInfo);
      const run = (origin: CallOrigin): ReturnType<ToolCalls['call']> => {
        const asked = messages.asked('tool', name, origin.channel.state);
        return this.tools.call({ name, asked, input, isLegacy: true, ...origin });
      };
      try {
        return await withInput(server, extra, run, verify);
      } catch (error) {
        if (!(error instanceof InputFailure)) throw error;
        return { content: [{ type: 'text', text: error.message }], isError: true };
      }
    });
    server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }, extra) => {
      const messages = admittedIn(extra.authInfo);
      const run = (origin: CallOrigin): ReturnType<Resources['read']> =>
        this.resources.read(uri, messages.asked('resource', uri, origin.channel.state), origin);
      return withInput(server, extra, run, verify);
    });
    server.setRequestHandler(GetPromptRequestSchema, ({ params: { name, arguments: input } }, extra) => {
      const messages = admittedIn(extra.authInfo);
      const run = (origin: CallOrigin): ReturnType<Prompts['get']> =>
        this.prompts.get({
          name,
          asked: messages.asked('prompt', name, origin.channel.state),
          input,
          ...origin,
        });
      return withInput(server, extra, run, verify);
    });
    server.setRequestHandler(CompleteRequestSchema, ({ params: { ref, argument, context } }, extra) => {
      const asked = admittedIn(extra.authInfo).askedBy(ref);
      const typed = { asked, argument, siblings: context?.arguments ?? {} };
      return this.completions.complete(typed, originOfRound(server, extra));
    });
  }

  #serveSubscriptions(server: Server, subscriptions: Subscriptions): void {
    server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }, { authInfo }) => {
      requireReadable(uri, admittedIn(authInfo).asked('resource', uri));
      subscriptions.subscribe(uri);
      return {};
    });
    server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      subscriptions.unsubscribe(params.uri);
      return {};
    });
  }
}
