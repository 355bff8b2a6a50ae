import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createMcpHandler, type McpHttpHandler } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { type AdmittedMessages, admittedIn } from '../admission/admitted-messages.js';
import { SdkServers } from '../server/sdk-servers.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { Answer } from './answer.js';
import { relay, toWebRequest } from './web-messages.js';

/** Serves the modern messages that do not fit the fast path, with the SDK's own handler. */
@Injectable()
export class ModernExchanges implements OnApplicationShutdown {
  readonly #logger = new Logger(ModernExchanges.name);
  readonly #handler: McpHttpHandler;
  readonly #url: string;

  constructor(servers: SdkServers, @Inject(CONFIGURATION) { resource }: Configuration) {
    this.#url = resource.url;
    this.#handler = createMcpHandler(
      ({ authInfo }) => servers.create('modern', admittedIn(authInfo).methods),
      {
        legacy: 'reject',
        onerror: (error) => this.#logger.debug(error.message),
      },
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#handler.close();
  }

  /** Serves one message. A caller that disconnects cancels its request. */
  async serve(
    body: unknown,
    authInfo: AdmittedMessages,
    response: HttpResponse,
    forms: AcceptedForms,
  ): Promise<void> {
    const gone = new AbortController();
    if (response.closed) return;
    response.once('close', () => gone.abort());
    const request = toWebRequest(authInfo.context.request, this.#url, gone.signal);
    const answer = new Answer(response, forms, authInfo.context.work);
    try {
      await relay(await this.#handler.fetch(request, { authInfo, parsedBody: body }), answer);
    } finally {
      answer.stop();
    }
  }
}
