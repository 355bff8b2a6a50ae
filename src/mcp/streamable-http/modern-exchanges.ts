import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  type AuthInfo,
  createMcpHandler,
  type McpHttpHandler,
  type Server,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import type { RequestContext } from '../context/request-context.js';
import { authInfoOf } from '../server/auth-info.js';
import { SdkServers } from '../server/sdk-servers.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { methodOf } from '../wire/messages.js';
import { AnswerStream } from './answer-stream.js';
import { toWebRequest, writeWebResponse } from './web-messages.js';

/** Message in progress. */
interface Exchange {
  readonly context: RequestContext;
  /** Method of the message; the server needs no other. */
  readonly methods: readonly string[];
}

/** Serves the modern messages that do not fit the fast path, with the SDK's own handler. */
@Injectable()
export class ModernExchanges implements OnApplicationShutdown {
  readonly #logger = new Logger(ModernExchanges.name);
  readonly #handler: McpHttpHandler;
  readonly #exchanges = new WeakMap<AuthInfo, Exchange>();
  readonly #url: string;
  readonly #writeTimeout: number;

  constructor(
    private readonly servers: SdkServers,
    @Inject(CONFIGURATION) { resource, http }: Configuration,
  ) {
    this.#url = resource.url;
    this.#writeTimeout = http.requestTimeout;
    this.#handler = createMcpHandler(({ authInfo }) => this.#serverFor(authInfo), {
      legacy: 'reject',
      onerror: (error) => this.#logger.debug(error.message),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#handler.close();
  }

  /** Serves one message. A caller that disconnects cancels its request. */
  async serve(
    body: unknown,
    context: RequestContext,
    response: HttpResponse,
    forms: AcceptedForms,
  ): Promise<void> {
    const gone = new AbortController();
    if (response.closed) return;
    response.once('close', () => gone.abort());
    const authInfo = authInfoOf(context.principal);
    const method = methodOf(body);
    this.#exchanges.set(authInfo, { context, methods: method === undefined ? [] : [method] });
    const stream = new AnswerStream(response, forms);
    try {
      const answer = await this.#handler.fetch(toWebRequest(context.request, this.#url, gone.signal), {
        authInfo,
        parsedBody: body,
      });
      await writeWebResponse(answer, response, this.#writeTimeout, stream);
    } finally {
      stream.stop();
    }
  }

  #serverFor(authInfo: AuthInfo | undefined): Server {
    const exchange = authInfo && this.#exchanges.get(authInfo);
    if (!exchange) throw new Error('The SDK requests a server outside an exchange.');
    return this.servers.create('modern', () => exchange.context, exchange.methods);
  }
}
