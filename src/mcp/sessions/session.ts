import type { JSONRPCMessage, Server } from '@modelcontextprotocol/server';
import type { Response } from 'express';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import type { AuthorizationService } from '../authorization/authorization.service.js';
import type { KeptBytes } from '../../limits/kept-bytes.js';
import type { AdmittedMessages } from '../admission/admitted-messages.js';
import type { Work } from '../context/work.js';
import type { ChangeEvent, ChangeEvents } from '../events/change-events.js';
import { notificationOf } from '../events/change-notification.js';
import { type OpenStreams, UNTIL_REVOKED } from '../events/open-streams.js';
import type { Admission } from '../admission/admission.js';
import { receiverOf } from '../server/receiver.js';
import type { SdkServers } from '../server/sdk-servers.js';
import { UnreadBytes } from '../wire/unread-bytes.js';
import type { SessionEvents } from './event-log.js';
import { withoutUnusedDetails } from './declared-client.js';
import { FollowedResources } from './followed-resources.js';
import type { OpenSession } from './session-registry.js';
import type { Connection } from './session-stream.js';
import type { AnswerForm } from './session-streams.js';
import { SessionTransport } from './session-transport.js';
import { TokenWatch } from './token-watch.js';

/** Dependencies of every session. */
export interface SessionDependencies {
  readonly servers: SdkServers;
  readonly authorization: AuthorizationService;
  readonly changes: ChangeEvents;
  readonly streams: OpenStreams;
  readonly kept: KeptBytes;
  /** Opens accounts for the unread bytes of open streams. */
  readonly admission: Admission;
  /** Maximum time before a listening client must reconnect, milliseconds. */
  readonly longestListening: number;
  /** Maximum time for which a client may leave data unread, milliseconds. */
  readonly writeTimeout: number;
}

/** Messages of one HTTP request, and the form of their response. */
export interface Post extends AnswerForm {
  readonly messages: readonly JSONRPCMessage[];
  /** Admitted messages. The valid ones are in `messages`. */
  readonly authInfo: AdmittedMessages;
  readonly response: Response;
}

/** Legacy session, with its own server and the streams to its client. */
export class Session implements OpenSession {
  readonly #server: Server;
  readonly #transport: SessionTransport;
  readonly #watch: TokenWatch;
  /** Work of the HTTP requests in progress. */
  readonly #working = new Set<Work>();
  readonly #followed: FollowedResources;

  /** @param onRevoked called when the token of the latest request is revoked */
  constructor(
    id: string,
    owner: Principal,
    events: SessionEvents,
    private readonly dependencies: SessionDependencies,
    onRevoked: () => void,
  ) {
    this.#transport = new SessionTransport(id, events);
    this.#followed = new FollowedResources(dependencies.kept.open(callerKeysOf(owner)));
    this.#server = dependencies.servers.create('session', undefined, this.#followed);
    this.#transport.receive = receiverOf(this.#server) ?? this.#transport.receive;
    this.#watch = new TokenWatch({
      changes: dependencies.changes,
      streams: dependencies.streams,
      followed: this.#followed.uris,
      onChange: (event) => void this.#tell(event),
      // After expiry, the session is silent until its owner returns with a new token.
      onEnd: (why) => {
        if (why === 'revoked') onRevoked();
      },
    });
  }

  get busy(): boolean {
    // Neither an abandoned request nor a question to a disconnected client keeps the session open.
    const isAsking = this.#transport.isAsking && this.attended;
    return isAsking || this.isRunning;
  }

  get isRunning(): boolean {
    // The handler of a canceled request may still run.
    return this.#transport.isWorking || [...this.#working].some(({ isRunning }) => isRunning);
  }

  get attended(): boolean {
    return this.#transport.attended;
  }

  /** Whether the client has initialized the session. */
  get initialized(): boolean {
    return this.#server.getClientCapabilities() !== undefined;
  }

  async begin(): Promise<void> {
    await this.#server.connect(this.#transport);
  }

  /** Serves the messages of one POST with the token of that POST; see {@link SessionTransport.serve}. */
  async serve({ messages, authInfo, response, ...answer }: Post): Promise<void> {
    const { principal, work } = authInfo.context;
    const endRevoked = (): void => this.#transport.endRevoked(principal);
    const unwatch = this.dependencies.streams.open(principal, endRevoked, UNTIL_REVOKED);
    this.#working.add(work);
    const connection = { ...this.#connection(principal, response), ...answer, work };
    try {
      await this.#transport.serve(messages.map(withoutUnusedDetails), connection, authInfo);
    } finally {
      this.#working.delete(work);
      unwatch();
    }
  }

  /** Notifies the client of changes until the token is invalid or the client must reconnect. */
  listen(principal: Principal, response: Response): void {
    this.#transport.listen(this.#lastingConnection(principal, response));
  }

  /** Resumes a stream after one of its events. */
  resume(lastEventId: string, principal: Principal, response: Response): void {
    this.#transport.resume(lastEventId, this.#lastingConnection(principal, response));
  }

  renew(principal: Principal): void {
    this.#watch.renew(principal);
  }

  endAbandoned(): void {
    this.#transport.endAbandoned();
  }

  drain(): void {
    this.#transport.drain();
  }

  end(): void {
    this.#watch.stop();
    this.#followed.end();
    void this.#server.close();
  }

  /** Creates a connection with its own account for unread bytes, because it outlives the request. */
  #lastingConnection(principal: Principal, response: Response): Connection {
    const { admission, longestListening, writeTimeout } = this.dependencies;
    return {
      ...this.#connection(principal, response, longestListening),
      unread: new UnreadBytes(response, admission.holdUnread(principal), writeTimeout),
    };
  }

  /** @param longest maximum duration; undefined for the answer to one request */
  #connection(principal: Principal, response: Response, longest?: number): Connection {
    return {
      principal,
      mayRead: (uri) => this.dependencies.authorization.mayRead(principal, uri),
      response,
      watch: (end) => {
        const endsAtExpiry = longest !== undefined;
        const unwatch = this.dependencies.streams.open(principal, end, { atStop: 'finish', endsAtExpiry });
        const timer = longest === undefined ? undefined : setTimeout(end, longest).unref();
        return () => {
          clearTimeout(timer);
          unwatch();
        };
      },
    };
  }

  async #tell(event: ChangeEvent): Promise<void> {
    if (this.initialized) await this.#server.notification(notificationOf(event));
  }
}
