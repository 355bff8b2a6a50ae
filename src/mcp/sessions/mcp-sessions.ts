import { Inject, Injectable } from '@nestjs/common';
import { isInitializeRequest, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import type { Request, Response } from 'express';

import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { KeptBytes } from '../../limits/kept-bytes.js';
import type { RequestContext } from '../context/request-context.js';
import { ChangeEvents } from '../events/change-events.js';
import { OpenStreams } from '../events/open-streams.js';
import { type AcceptedForms, acceptedForms } from '../transport/accepted-forms.js';
import { Admission } from '../transport/admission.js';
import { JsonRpcError, REFUSED } from '../transport/json-rpc-error.js';
import { SdkServers } from '../transport/sdk-servers.js';
import { statelessMessages } from '../transport/stateless-rules.js';
import { EventLog } from './event-log.js';
import { type Post, Session, type SessionMeans } from './session.js';
import { SessionRegistry } from './session-registry.js';

const MB = 1024 ** 2;
/** What is kept for clients that lost a connection: of all sessions, and of each. */
const KEPT = { events: 100_000, bytes: 32 * MB };
const KEPT_PER_SESSION = { events: 1_000, bytes: 8 * MB };
/** A client that listens has to ask again that many times in the idle limit. */
const LOOKS = 2;

/** The sessions of the 2025 revisions (MCP specification 2025-11-25, basic/transports), where they are on. */
@Injectable()
export class McpSessions {
  readonly #on: boolean;
  readonly #log = new EventLog(KEPT, KEPT_PER_SESSION);
  readonly #means: SessionMeans;

  constructor(
    private readonly registry: SessionRegistry,
    servers: SdkServers,
    authorization: AuthorizationService,
    changes: ChangeEvents,
    streams: OpenStreams,
    kept: KeptBytes,
    admission: Admission,
    @Inject(CONFIGURATION) { sessions, http }: Configuration,
  ) {
    this.#on = sessions.enabled;
    this.#means = {
      servers,
      authorization,
      changes,
      streams,
      kept,
      admission,
      longestListening: sessions.idleTimeout / LOOKS,
      writeTimeout: http.requestTimeout,
    };
  }

  /** How many events are kept. */
  get keptEvents(): number {
    return this.#log.size;
  }

  /** @throws {JsonRpcError} 405 when there are no sessions, hence nothing to GET or DELETE */
  requireOn(): void {
    if (!this.#on) throw this.methodNotAllowed();
  }

  methodNotAllowed(): JsonRpcError {
    const allow = this.#on ? 'GET, POST, DELETE' : 'POST';
    return new JsonRpcError('method_not_allowed', 405, REFUSED, 'Method not allowed.', { Allow: allow });
  }

  /** Whether a request is of a session, be it an unknown one. */
  isNamedIn(request: Request): boolean {
    return this.#on && request.headers['mcp-session-id'] !== undefined;
  }

  /** Whether a body of the 2025 revisions belongs to a session, or opens one. */
  serves(body: unknown, request: Request): boolean {
    return this.isNamedIn(request) || (this.#on && isInitializeRequest(body));
  }

  /**
   * Serves the messages of a POST, in the session that it names or in a new one.
   *
   * A client that still names an ended session when it initializes gets a new one.
   *
   * @param refusals answers to the invalid elements of a batch; undefined if the body is not a batch
   * @throws {JsonRpcError} 404 when the caller has no such session, 429 or 503 when there are too many, 400 for
   *   invalid messages
   */
  async serve(
    body: unknown,
    refusals: readonly object[] | undefined,
    context: RequestContext,
    response: Response,
    forms: AcceptedForms,
  ): Promise<void> {
    const { request, principal } = context;
    const id = idIn(request);
    const messages = statelessMessages(request, body);
    const post: Post = { messages, context, response, forms, refusals };
    const initializes = isInitializeRequest(body);
    if (id === undefined || (initializes && !this.registry.has(id, principal))) {
      await this.#open(post);
      return;
    }
    const session = this.registry.find(id, principal, Session);
    if (initializes) {
      throw new JsonRpcError('session_open', 400, REFUSED, 'The session is initialized already.');
    }
    await session.serve(post);
  }

  /**
   * Opens the stream of what answers no request, or goes on with one that broke.
   *
   * @throws {JsonRpcError} 404 when the caller has no such session, 400 or 406 where the headers do not suffice
   * @throws {InsufficientScopeError} when the token grants less than that of the call whose stream it resumes
   */
  listen(request: Request, principal: Principal, response: Response): void {
    const { accept, 'mcp-protocol-version': revision, 'last-event-id': lastEventId } = request.headers;
    const session = this.registry.find(requiredId(request), principal, Session);
    if (accept === undefined || !acceptedForms(accept).eventStream) {
      throw new JsonRpcError('not_acceptable', 406, REFUSED, 'The client must accept text/event-stream.');
    }
    if (typeof revision === 'string' && !SUPPORTED_PROTOCOL_VERSIONS.includes(revision)) {
      throw new JsonRpcError('unsupported_revision', 400, REFUSED, 'Unsupported protocol version.');
    }
    this.registry.requireServing();
    if (typeof lastEventId === 'string') session.resume(lastEventId, principal, response);
    else session.listen(principal, response);
  }

  /** @throws {JsonRpcError} 404 when the caller has no such session, 400 when it names none */
  end(request: Request, principal: Principal, response: Response): void {
    const id = requiredId(request);
    this.registry.find(id, principal, Session);
    this.registry.end(id);
    response.status(200).end();
  }

  async #open(post: Post): Promise<void> {
    const { principal } = post.context;
    this.registry.makeRoom(principal);
    const id = this.registry.newId();
    const session = new Session(id, principal, this.#log.open(), this.#means, () => this.registry.end(id));
    this.registry.add(id, principal, session);
    post.response.set('Mcp-Session-Id', id);
    try {
      await session.begin();
      await session.serve(post);
    } finally {
      if (!session.initialized) this.registry.end(id);
    }
  }
}

function idIn({ headers }: Request): string | undefined {
  const id = headers['mcp-session-id'];
  return typeof id === 'string' ? id : undefined;
}

function requiredId(request: Request): string {
  const id = idIn(request);
  if (id === undefined)
    throw new JsonRpcError('missing_session', 400, REFUSED, 'The Mcp-Session-Id header is missing.');
  return id;
}
