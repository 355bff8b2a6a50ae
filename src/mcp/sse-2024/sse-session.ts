import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { isJSONRPCRequest, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Response } from 'express';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import type { KeptBytes } from '../../limits/kept-bytes.js';
import type { AdmittedMessages } from '../admission/admitted-messages.js';
import type { Work } from '../context/work.js';
import type { ChangeEvent, ChangeEvents } from '../events/change-events.js';
import { notificationOf } from '../events/change-notification.js';
import { type OpenStreams, UNTIL_REVOKED } from '../events/open-streams.js';
import { withoutUnusedDetails } from '../sessions/declared-client.js';
import { FollowedResources } from '../sessions/followed-resources.js';
import type { OpenSession } from '../sessions/session-registry.js';
import { TokenWatch } from '../sessions/token-watch.js';
import { invalidMessage } from '../wire/invalid-message.js';
import type { SseTransport } from './sse-transport.js';
import type { V1Servers } from './v1-servers.js';

/** Dependencies of every session. */
export interface SseSessionDependencies {
  readonly servers: V1Servers;
  readonly changes: ChangeEvents;
  readonly streams: OpenStreams;
  readonly kept: KeptBytes;
}

/** Session of revision 2024-11-05. It lasts as long as its event stream. */
export class SseSession implements OpenSession {
  readonly attended = true;
  readonly #server: Server;
  readonly #watch: TokenWatch;
  /** Work of the HTTP requests in progress. */
  readonly #working = new Set<Work>();
  readonly #followed: FollowedResources;
  #isDraining = false;

  /** @param onEnd called when the stream has ended or must end */
  constructor(
    private readonly transport: SseTransport,
    owner: Principal,
    private readonly dependencies: SseSessionDependencies,
    private readonly onEnd: () => void,
  ) {
    this.#followed = new FollowedResources(dependencies.kept.open(callerKeysOf(owner)));
    this.#server = dependencies.servers.create(this.#followed);
    this.#watch = new TokenWatch({
      changes: dependencies.changes,
      streams: dependencies.streams,
      followed: this.#followed.uris,
      onChange: (event) => void this.#tell(event),
      onEnd,
    });
  }

  get busy(): boolean {
    // An abandoned request does not keep the session open.
    return this.transport.isAsking || this.isRunning;
  }

  get isRunning(): boolean {
    // The handler of a canceled request may still run.
    return this.transport.isWorking || [...this.#working].some(({ isRunning }) => isRunning);
  }

  /** Opens the stream, and sends the client the endpoint for its messages. */
  async begin(response: Response): Promise<void> {
    response.once('close', this.onEnd);
    await this.#server.connect(this.transport);
  }

  /**
   * Serves one message. The POST gets 202, and the response goes to the stream.
   *
   * @returns when the message is answered
   * @throws {JsonRpcError} 400 for an invalid message or the ID of a pending request; 429 or 503 when the message
   *   answers a question of a request that cannot resume now
   * @throws {InsufficientScopeError | ForbiddenError} when the token may not answer a question
   */
  async serve(body: unknown, authInfo: AdmittedMessages, response: Response): Promise<void> {
    const { data: message } = JSONRPCMessageSchema.safeParse(body);
    if (!message) throw invalidMessage(body);
    if (isJSONRPCRequest(message)) this.transport.requireNew(message.id);
    const { principal, work } = authInfo.context;
    const endRevoked = (): void => this.transport.endRevoked(principal);
    const unwatch = this.dependencies.streams.open(principal, endRevoked, UNTIL_REVOKED);
    this.#working.add(work);
    try {
      const answered = this.transport.hand(withoutUnusedDetails(message), authInfo);
      response.status(202).end('Accepted');
      await answered;
    } finally {
      this.#working.delete(work);
      unwatch();
    }
    if (this.#isDraining) this.drain();
  }

  renew(principal: Principal): void {
    this.#watch.renew(principal);
  }

  endAbandoned(): void {
    this.transport.endAbandoned();
  }

  drain(): void {
    this.#isDraining = true;
    this.transport.drain();
    if (this.transport.pending === 0) this.onEnd();
  }

  end(): void {
    this.#watch.stop();
    this.#followed.end();
    void this.#server.close();
  }

  async #tell(event: ChangeEvent): Promise<void> {
    if (this.#server.getClientCapabilities()) await this.#server.notification(notificationOf(event));
  }
}
