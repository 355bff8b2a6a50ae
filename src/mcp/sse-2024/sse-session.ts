import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import { isJSONRPCRequest, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Response } from 'express';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import type { KeptBytes } from '../../limits/kept-bytes.js';
import type { RequestContext } from '../context/request-context.js';
import type { ChangeEvent, ChangeEvents } from '../events/change-events.js';
import type { OpenStreams } from '../events/open-streams.js';
import { withoutUnusedDetails } from '../sessions/declared-client.js';
import { FollowedResources } from '../sessions/followed-resources.js';
import type { OpenSession } from '../sessions/session-registry.js';
import { TokenWatch } from '../sessions/token-watch.js';
import { authInfoOf } from '../transport/auth-info.js';
import { invalidMessage } from '../transport/invalid-message.js';
import { JsonRpcError } from '../transport/json-rpc-error.js';
import type { SseTransport } from './sse-transport.js';
import type { V1Servers } from './v1-servers.js';

/** What every session needs. */
export interface SseSessionMeans {
  readonly servers: V1Servers;
  readonly changes: ChangeEvents;
  readonly streams: OpenStreams;
  readonly kept: KeptBytes;
}

/** A session of 2024-11-05, which is its event stream: when the one ends, so does the other. */
export class SseSession implements OpenSession {
  readonly attended = true;
  readonly #server: Server;
  readonly #watch: TokenWatch;
  readonly #contexts = new Map<AuthInfo, RequestContext>();
  readonly #followed: FollowedResources;
  #draining = false;

  /** @param onEnd the stream has ended, or must end */
  constructor(
    private readonly transport: SseTransport,
    owner: Principal,
    means: SseSessionMeans,
    private readonly onEnd: () => void,
  ) {
    this.#followed = new FollowedResources(means.kept.open(callerKeysOf(owner).caller));
    const requestOf = (authInfo: AuthInfo | undefined): RequestContext => {
      const context = authInfo && this.#contexts.get(authInfo);
      if (!context) throw new Error('The SDK serves a message outside of a request.');
      return context;
    };
    this.#server = means.servers.create(requestOf, this.#followed);
    this.#watch = new TokenWatch({
      changes: means.changes,
      streams: means.streams,
      followed: this.#followed.uris,
      onChange: (event) => void this.#tell(event),
      onEnd,
    });
  }

  get busy(): boolean {
    // A request whose answer nothing is left to give keeps no session from being idle.
    return this.transport.isAsking || [...this.#contexts.values()].some(({ work }) => work.isRunning);
  }

  /** Opens the stream, and tells the client where to post. */
  async begin(response: Response): Promise<void> {
    response.once('close', this.onEnd);
    await this.#server.connect(this.transport);
  }

  /**
   * Serves one message. It is answered on the stream, the POST only with 202.
   *
   * @returns when it is answered
   * @throws {JsonRpcError} 400 when it is none, or its id is that of another that is not answered yet; 429 or 503 when
   *   it answers a question of a request that cannot go on now
   */
  async serve(body: unknown, context: RequestContext, response: Response): Promise<void> {
    const { data: message } = JSONRPCMessageSchema.safeParse(body);
    if (!message) throw invalidMessage(body);
    const id = isJSONRPCRequest(message) ? message.id : undefined;
    if (id !== undefined && this.transport.expects(id)) {
      throw new JsonRpcError(
        'duplicate_id',
        400,
        -32_600,
        'Another request with this id is not answered yet.',
      );
    }
    const authInfo = authInfoOf(context.principal);
    this.#contexts.set(authInfo, context);
    try {
      const answered = this.transport.hand(withoutUnusedDetails(message), { authInfo }, context.work);
      response.status(202).end('Accepted');
      await answered;
    } finally {
      this.#contexts.delete(authInfo);
    }
    if (this.#draining) this.drain();
  }

  renew(principal: Principal): void {
    this.#watch.renew(principal);
  }

  endAbandoned(): void {
    this.transport.endAbandoned();
  }

  drain(): void {
    this.#draining = true;
    if (this.transport.pending === 0) this.onEnd();
  }

  end(): void {
    this.#watch.stop();
    this.#followed.end();
    void this.#server.close();
  }

  async #tell(event: ChangeEvent): Promise<void> {
    if (!this.#server.getClientCapabilities()) return;
    if (event.kind === 'resource_updated') await this.#server.sendResourceUpdated({ uri: event.uri });
    else await this.#server.notification({ method: `notifications/${event.list}/list_changed` });
  }
}
