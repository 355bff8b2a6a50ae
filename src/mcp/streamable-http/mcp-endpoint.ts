import { Inject, Injectable } from '@nestjs/common';
import type { Response as HttpResponse } from 'express';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import type { AdmittedMessages } from '../admission/admitted-messages.js';
import { SdkServers } from '../server/sdk-servers.js';
import { McpSessions } from '../sessions/mcp-sessions.js';
import { acceptedForms, requireEventStream } from '../wire/accepted-forms.js';
import { limitUnread } from '../wire/end-response.js';
import { FastPath } from './fast-path.js';
import { Listeners } from './listeners.js';
import { ModernExchanges } from './modern-exchanges.js';
import { requireParameterHeaders } from './parameter-header-check.js';
import { routeOf, type Routing } from './route.js';
import { serveSessionless } from './sessionless-exchange.js';

/** Serves authorized and parsed POST requests of both eras, each on its route. */
@Injectable()
export class McpEndpoint {
  readonly #routing: Routing;
  readonly #writeTimeout: number;

  constructor(
    private readonly servers: SdkServers,
    private readonly fastPath: FastPath,
    private readonly modern: ModernExchanges,
    private readonly listeners: Listeners,
    private readonly sessions: McpSessions,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.#routing = {
      hasSessions: configuration.sessions.enabled,
      hasHandler: (method) => servers.serves(method),
    };
    this.#writeTimeout = configuration.http.requestTimeout;
  }

  /**
   * Serves one POST. Resolves when the request is answered or, for a request to listen, when its stream is open.
   *
   * @param body one message or a batch, already authorized
   * @param messages messages of the body
   */
  async serve(body: unknown, messages: AdmittedMessages, response: HttpResponse): Promise<void> {
    const { context } = messages;
    const forms = acceptedForms(context.request.headers.accept);
    const route = routeOf(body, context.request.headers, this.#routing);
    switch (route.way) {
      case 'fast':
        if (route.era === 'modern') requireParameterHeaders(messages);
        await this.fastPath.serve(route.era, route.request, messages, response, forms);
        break;
      case 'modern':
        requireParameterHeaders(messages);
        await this.modern.serve(body, messages, response, forms);
        break;
      case 'listen':
        requireEventStream(forms);
        await this.listeners.open(body, context, response);
        break;
      case 'session':
        await this.sessions.serve(route.body, route.refusals, messages, response, forms);
        break;
      case 'sessionless':
        await serveSessionless(this.servers, route.body, route.refusals, messages, response, forms);
        break;
      default:
        throw new Error(`Unknown route: ${JSON.stringify(route satisfies never)}`);
    }
    if (response.writableEnded) limitUnread(response, this.#writeTimeout);
  }
}
