import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { KeptBytes } from '../../limits/kept-bytes.js';
import type { AdmittedMessages } from '../admission/admitted-messages.js';
import { ChangeEvents } from '../events/change-events.js';
import { OpenStreams } from '../events/open-streams.js';
import { type AcceptedForms, acceptedForms, requireEventStream } from '../wire/accepted-forms.js';
import { Admission } from '../admission/admission.js';
import { forgetRequest } from '../wire/forget-request.js';
import { JsonRpcError, REFUSED } from '../wire/json-rpc-error.js';
import { SdkServers } from '../server/sdk-servers.js';
import { isInitialize, legacyMessages, requireLegacyRevision } from '../wire/legacy-messages.js';
import { EventLog } from './event-log.js';
import { type Post, Session, type SessionDependencies } from './session.js';
import { SessionRegistry } from './session-registry.js';

const MB = 1024 ** 2;
/** Maximum sizes of the event log for resuming: of all sessions, and of each session. */
const MAX_KEPT = { events: 100_000, bytes: 32 * MB };
const MAX_KEPT_PER_SESSION = { events: 1_000, bytes: 8 * MB };
/** Number of times per idle timeout that a listening client must reconnect. */
const RECONNECTS = 2;

/** Serves the sessions of the legacy era (MCP specification 2025-11-25, basic/transports), if they are enabled. */
@Injectable()
export class McpSessions {
  readonly #isOn: boolean;
  readonly #log = new EventLog(MAX_KEPT, MAX_KEPT_PER_SESSION);
  readonly #dependencies: SessionDependencies;

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
    this.#isOn = sessions.enabled;
    this.#dependencies = {
      servers,
      authorization,
      changes,
      streams,
      kept,
      admission,
      longestListening: sessions.idleTimeout / RECONNECTS,
      writeTimeout: http.requestTimeout,
    };
  }

  /** Number of events in the log. */
  get keptEvents(): number {
    return this.#log.size;
  }

  /** @throws {JsonRpcError} 405 when sessions are disabled, because GET and DELETE need a session */
  requireOn(): void {
    if (!this.#isOn) throw this.methodNotAllowed();
  }

  methodNotAllowed(): JsonRpcError {
    const allow = this.#isOn ? 'GET, POST, DELETE' : 'POST';
    return new JsonRpcError('method_not_allowed', 405, REFUSED, 'Method not allowed.', { Allow: allow });
  }

  /** Whether a request names a session, known or unknown. */
  isNamedIn(request: Request): boolean {
    return this.#isOn && request.headers['mcp-session-id'] !== undefined;
  }

  /**
   * Serves the messages of a POST in the named session or in a new one.
   *
   * An `initialize` request that names an ended session opens a new session.
   *
   * @param refusals responses to the invalid elements of a batch; undefined if the body is not a batch
   * @throws {JsonRpcError} 404 for an unknown session, 429 or 503 for too many sessions, 400 for invalid messages
   */
  async serve(
    body: unknown,
    refusals: readonly object[] | undefined,
    authInfo: AdmittedMessages,
    response: Response,
    forms: AcceptedForms,
  ): Promise<void> {
    const { request, principal } = authInfo.context;
    const id = idIn(request);
    const messages = legacyMessages(request, body);
    const post: Post = { messages, authInfo, response, forms, refusals };
    const initializes = isInitialize(body);
    if (id === undefined || (initializes && !this.registry.has(id, principal))) {
      await this.#open(post);
      return;
    }
    const session = this.registry.find(id, principal, Session);
    if (initializes) {
      throw new JsonRpcError('session_open', 400, REFUSED, 'The session is already initialized.');
    }
    try {
      await session.serve(post);
    } finally {
      this.registry.touch(id);
    }
  }

  /**
   * Opens the stream for messages that answer no request, or resumes a stream.
   *
   * @throws {JsonRpcError} 404 for an unknown session, 400 or 406 for missing or invalid headers
   * @throws {InsufficientScopeError} when the token has fewer scopes than the token of the resumed call
   */
  listen(request: Request, principal: Principal, response: Response): void {
    const { accept, 'last-event-id': lastEventId } = request.headers;
    const session = this.registry.find(requiredId(request), principal, Session);
    requireEventStream(acceptedForms(accept ?? 'application/json'));
    requireLegacyRevision(request);
    this.registry.requireServing();
    if (typeof lastEventId === 'string') session.resume(lastEventId, principal, response);
    else session.listen(principal, response);
    forgetRequest(request, response);
  }

  /** @throws {JsonRpcError} 404 for an unknown session, 400 without a session ID */
  end(request: Request, principal: Principal, response: Response): void {
    const id = requiredId(request);
    this.registry.find(id, principal, Session);
    this.registry.end(id);
    response.status(200).end();
  }

  async #open(post: Post): Promise<void> {
    const { principal } = post.authInfo.context;
    this.registry.makeRoom(principal);
    const id = this.registry.newId();
    const session = new Session(
      id,
      principal,
      this.#log.open(callerKeysOf(principal).group),
      this.#dependencies,
      () => this.registry.end(id),
    );
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
