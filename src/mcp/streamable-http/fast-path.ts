import { Injectable } from '@nestjs/common';
import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { CatalogService } from '../catalog/catalog.service.js';
import type { AdmittedMessages } from '../admission/admitted-messages.js';
import { SdkServers } from '../server/sdk-servers.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import type { Era } from '../wire/revisions.js';
import { SharedServer } from './shared-server.js';

/** Serves nearly all requests, with one shared server per era. */
@Injectable()
export class FastPath {
  /** Shared servers, created when first needed and after each change of the catalog, whose data they copy. */
  readonly #servers = new Map<Era, SharedServer>();

  constructor(
    private readonly servers: SdkServers,
    catalog: CatalogService,
  ) {
    catalog.onChange(() => this.#servers.clear());
  }

  /** Resolves when the request is answered; see {@link SharedServer.serve}. */
  serve(
    era: Era,
    request: JSONRPCRequest,
    messages: AdmittedMessages,
    response: HttpResponse,
    forms: AcceptedForms,
  ): Promise<void> {
    return this.#serverOf(era).serve(request, messages, response, forms);
  }

  #serverOf(era: Era): SharedServer {
    const known = this.#servers.get(era);
    if (known) return known;
    const serving = era === 'modern' ? 'modern' : 'sessionless';
    const server = new SharedServer(era, this.servers.create(serving));
    this.#servers.set(era, server);
    return server;
  }
}
