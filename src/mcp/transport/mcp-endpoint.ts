import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  type AuthInfo,
  classifyInboundRequest,
  createMcpHandler,
  type McpHttpHandler,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import type { RequestContext } from '../context/request-context.js';
import { InvocationService } from '../invocation/invocation.service.js';
import { createSdkServer } from './sdk-server.js';
import { toWebRequest, writeWebResponse } from './web-messages.js';

/**
 * Serves one authorized, parsed POST through the official SDK, in the era that its body belongs to: MCP
 * 2026-07-28, or the revisions 2025-03-26 to 2025-11-25 without sessions.
 */
@Injectable()
export class McpEndpoint implements OnApplicationShutdown {
  readonly #logger = new Logger(McpEndpoint.name);
  readonly #modern: McpHttpHandler;
  readonly #exchanges = new WeakMap<AuthInfo, RequestContext>();
  readonly #url: string;
  readonly #writeTimeout: number;

  constructor(
    private readonly authorization: AuthorizationService,
    private readonly invocation: InvocationService,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.#url = configuration.resource.url;
    this.#writeTimeout = configuration.http.requestTimeout;
    this.#modern = createMcpHandler(({ authInfo }) => this.#serverFor(authInfo), {
      legacy: 'reject',
      onerror: (error) => this.#logger.debug(error.message),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#modern.close();
  }

  /** @param body one message, or a batch, already authorized */
  async serve(body: unknown, context: RequestContext, response: HttpResponse): Promise<void> {
    const { request } = context;
    const { kind } = classifyInboundRequest({
      httpMethod: 'POST',
      protocolVersionHeader: request.get('mcp-protocol-version'),
      mcpMethodHeader: request.get('mcp-method'),
      mcpNameHeader: request.get('mcp-name'),
      body,
    });
    if (kind === 'legacy') await this.#serveLegacy(body, context, response);
    else await this.#serveModern(body, context, response);
  }

  /** MCP 2026-07-28, and the refusal of what belongs to no era. A caller that goes away cancels its request. */
  async #serveModern(body: unknown, context: RequestContext, response: HttpResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const authInfo = authInfoOf(context);
    this.#exchanges.set(authInfo, context);
    const answer = await this.#modern.fetch(toWebRequest(context.request, this.#url, gone.signal), {
      authInfo,
      parsedBody: body,
    });
    await writeWebResponse(answer, response, this.#writeTimeout);
  }

  /** The 2025 revisions, each request on its own. A lost connection cancels nothing. */
  async #serveLegacy(body: unknown, context: RequestContext, response: HttpResponse): Promise<void> {
    const server = createSdkServer(context, this.authorization, this.invocation);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: undefined,
      enableJsonResponse: true,
    });
    try {
      await server.connect(transport);
      const answer = await transport.handleRequest(toWebRequest(context.request, this.#url), {
        parsedBody: body,
      });
      await writeWebResponse(answer, response, this.#writeTimeout);
    } finally {
      await server.close();
    }
  }

  #serverFor(authInfo: AuthInfo | undefined): Server {
    const context = authInfo && this.#exchanges.get(authInfo);
    if (!context) throw new Error('The SDK asked for a server outside of an exchange.');
    return createSdkServer(context, this.authorization, this.invocation);
  }
}

/** What the SDK may know of the caller. Not the token: it goes no further than the guard. */
function authInfoOf({ principal }: RequestContext): AuthInfo {
  return {
    token: '',
    clientId: principal.clientId ?? principal.subject,
    scopes: [...principal.scopes],
    expiresAt: principal.expiresAt,
  };
}
