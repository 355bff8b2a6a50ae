import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  type AuthInfo,
  classifyInboundRequest,
  createMcpHandler,
  type InboundClassificationOutcome,
  type JSONRPCRequest,
  type McpHttpHandler,
  type Server,
} from '@modelcontextprotocol/server';
import type { Request, Response as HttpResponse } from 'express';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { CatalogService } from '../catalog/catalog.service.js';
import { parameterHeaderProblem } from '../catalog/parameter-headers.js';
import type { RequestContext } from '../context/request-context.js';
import { isRecord } from '../../values/is-record.js';
import { McpSessions } from '../sessions/mcp-sessions.js';
import { type AcceptedForms, acceptedForms } from '../wire/accepted-forms.js';
import { AnswerStream } from './answer-stream.js';
import { authInfoOf } from '../server/auth-info.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { LISTEN, Listeners } from './listeners.js';
import { answerIdOf, type Message } from '../admission/message.js';
import { methodOf } from '../wire/messages.js';
import { fastLegacyRequest, fastModernRequest } from './fast-request.js';
import { SdkServers } from '../server/sdk-servers.js';
import { SharedServer } from './shared-server.js';
import { SessionlessExchange } from './sessionless-exchange.js';
import { legacyMessages, messagesIn, requestIdsOf, withoutInvalid } from '../wire/legacy-messages.js';
import type { Era } from '../wire/revisions.js';
import { toWebRequest, writeWebResponse } from './web-messages.js';

/** Code for a header that does not match the body (MCP 2026-07-28). */
const HEADER_MISMATCH = -32_020;

/** Exchange of the modern era. */
interface Exchange {
  readonly context: RequestContext;
  readonly methods: readonly string[];
}

/**
 * Serves authorized and parsed POST requests through the official SDK. Each request belongs to the
 * modern era, or to the legacy era with or without a session.
 */
@Injectable()
export class McpEndpoint implements OnApplicationShutdown {
  readonly #logger = new Logger(McpEndpoint.name);
  readonly #modern: McpHttpHandler;
  readonly #exchanges = new WeakMap<AuthInfo, Exchange>();
  /** Shared servers, created when first needed and after each change of the catalog, whose data they copy. */
  readonly #shared = new Map<Era, SharedServer>();
  readonly #url: string;
  readonly #writeTimeout: number;

  constructor(
    private readonly servers: SdkServers,
    private readonly listeners: Listeners,
    private readonly sessions: McpSessions,
    private readonly catalog: CatalogService,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.#url = configuration.resource.url;
    this.#writeTimeout = configuration.http.requestTimeout;
    this.catalog.onChange(() => this.#shared.clear());
    this.#modern = createMcpHandler(({ authInfo }) => this.#serverFor(authInfo), {
      legacy: 'reject',
      onerror: (error) => this.#logger.debug(error.message),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#modern.close();
  }

  /**
   * Serves one POST. Resolves when the request is answered or, for a request to listen, when its stream is open.
   *
   * @param body one message or a batch, already authorized
   * @param messages parsed messages of the body
   */
  async serve(
    body: unknown,
    messages: readonly Message[],
    context: RequestContext,
    response: HttpResponse,
  ): Promise<void> {
    const { request } = context;
    const forms = acceptedForms(request.headers.accept);
    const modern = fastModernRequest(body, request.headers);
    if (modern && this.servers.serves(modern.method)) {
      checkParameterHeaders(messages, context);
      await this.#serveFast('modern', modern, context, response, forms);
      return;
    }
    const legacy = fastLegacyRequest(body, request.headers);
    const { valid, refusals } = Array.isArray(body) ? withoutInvalid(body) : { valid: body };
    const kind = legacy ? 'legacy' : this.#classify(valid, request);
    if (kind === 'legacy') {
      if (this.sessions.serves(body, request)) {
        await this.sessions.serve(valid, refusals, context, response, forms);
      } else if (legacy && this.servers.serves(legacy.method)) {
        await this.#serveFast('legacy', legacy, context, response, forms);
      } else await this.#serveSessionless(valid, refusals, context, response, forms);
    } else if (kind === 'modern' && methodOf(body) === LISTEN) {
      await this.listeners.open(body, context, response);
    } else {
      messagesIn(body); // throws a better error than the SDK, which does not say what is invalid
      if (kind === 'modern') checkParameterHeaders(messages, context);
      await this.#serveModern(body, context, response, forms);
    }
  }

  #classify(body: unknown, request: Request): InboundClassificationOutcome['kind'] {
    return classifyInboundRequest({
      httpMethod: 'POST',
      protocolVersionHeader: request.get('mcp-protocol-version'),
      mcpMethodHeader: request.get('mcp-method'),
      mcpNameHeader: request.get('mcp-name'),
      body,
    }).kind;
  }

  /** Serves a request of the fast path, as nearly all requests are. */
  async #serveFast(
    era: Era,
    request: JSONRPCRequest,
    context: RequestContext,
    response: HttpResponse,
    forms: AcceptedForms,
  ): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    await this.#sharedServer(era).serve(request, context, response, forms);
    this.#limitWriting(response);
  }

  #sharedServer(era: Era): SharedServer {
    const known = this.#shared.get(era);
    if (known) return known;
    const serving = era === 'modern' ? 'modern' : 'sessionless';
    const server = new SharedServer(era, (requestOf) => this.servers.create(serving, requestOf));
    this.#shared.set(era, server);
    return server;
  }

  /**
   * Serves all other modern requests, and rejects requests of no known revision. A caller that disconnects
   * cancels its request.
   */
  async #serveModern(
    body: unknown,
    context: RequestContext,
    response: HttpResponse,
    forms: AcceptedForms,
  ): Promise<void> {
    const gone = new AbortController();
    if (response.closed) return;
    response.once('close', () => gone.abort());
    const authInfo = authInfoOf(context.principal);
    this.#exchanges.set(authInfo, { context, methods: methodsOf([body]) });
    const stream = new AnswerStream(response, forms);
    try {
      const answer = await this.#modern.fetch(toWebRequest(context.request, this.#url, gone.signal), {
        authInfo,
        parsedBody: body,
      });
      await writeWebResponse(answer, response, this.#writeTimeout, stream);
      this.#limitWriting(response);
    } finally {
      stream.stop();
    }
  }

  /**
   * Serves legacy requests without a session. A lost connection cancels nothing.
   *
   * @param refusals responses to the invalid elements of a batch; undefined if the body is not a batch
   */
  async #serveSessionless(
    body: unknown,
    refusals: readonly object[] | undefined,
    context: RequestContext,
    response: HttpResponse,
    forms: AcceptedForms,
  ): Promise<void> {
    const messages = legacyMessages(context.request, body);
    const requestIds = requestIdsOf(messages);
    if (requestIds.size === 0 && !refusals?.length) {
      // Without a session, notifications have no effect.
      response.status(202).end();
      return;
    }
    const server = this.servers.create('sessionless', () => context, methodsOf(messages));
    const exchange = new SessionlessExchange(response, requestIds, refusals, forms);
    response.setHeader('Cache-Control', 'no-store');
    try {
      await server.connect(exchange);
      await exchange.serve(messages, { authInfo: authInfoOf(context.principal) }, context.principal);
    } catch (error) {
      await server.close();
      throw error;
    }
    // The server is not closed after its exchange: closing would only create errors that nobody reads.
    this.#limitWriting(response);
  }

  /** Limits the time for which a client may leave the response unread. Most responses are already sent by now. */
  #limitWriting(response: HttpResponse): void {
    if (response.writableLength > 0) response.setTimeout(this.#writeTimeout, () => response.destroy());
  }

  #serverFor(authInfo: AuthInfo | undefined): Server {
    const exchange = authInfo && this.#exchanges.get(authInfo);
    if (!exchange) throw new Error('The SDK requests a server outside an exchange.');
    return this.servers.create('modern', () => exchange.context, exchange.methods);
  }
}

/** @throws {JsonRpcError} 400 when a header does not match the argument that it repeats */
function checkParameterHeaders(messages: readonly Message[], { request }: RequestContext): void {
  for (const { asked, body } of messages) {
    if (asked?.offer.kind !== 'tool' || asked.offer.parameterHeaders.length === 0 || !isRecord(body))
      continue;
    const { params } = body;
    const input = isRecord(params) ? params['arguments'] : undefined;
    const problem = parameterHeaderProblem(asked.offer.parameterHeaders, input, (name) => request.get(name));
    if (problem === undefined) continue;
    throw new JsonRpcError(
      'header_mismatch',
      400,
      HEADER_MISMATCH,
      problem,
      {},
      { id: answerIdOf(messages) },
    );
  }
}

/** Returns the methods of the messages. */
function methodsOf(messages: readonly unknown[]): string[] {
  return [...new Set(messages.map((message) => methodOf(message)).filter((method) => method !== undefined))];
}
