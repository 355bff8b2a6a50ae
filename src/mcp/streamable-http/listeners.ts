import { Inject, Injectable } from '@nestjs/common';
import type { Server } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { Reloads } from '../../config/reloads.js';
import { KeptBytes } from '../../limits/kept-bytes.js';
import { Admission } from '../admission/admission.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import type { RequestContext } from '../context/request-context.js';
import { ChangeEvents } from '../events/change-events.js';
import { OpenStreams } from '../events/open-streams.js';
import { ownTurn } from '../../limits/own-turn.js';
import { SdkServers } from '../server/sdk-servers.js';
import { forgetRequest } from '../wire/forget-request.js';
import { answerId } from '../wire/messages.js';
import { UnreadBytes } from '../wire/unread-bytes.js';
import { ListenerPlaces } from './listener-places.js';
import { resourcesIn, withResources } from './listen-request.js';
import { Listener } from './listener.js';
import { subscribe } from './subscription.js';
import { toWebRequest } from './web-messages.js';

/** Maximum characters of URIs to compare with templates before other work gets a turn. */
const MAX_CHECKED_AT_ONCE = 64 * 1024;

const NONE: ReadonlySet<string> = new Set();

/** Serves the streams of listeners of the modern era (`subscriptions/listen`). */
@Injectable()
export class Listeners {
  readonly #places: ListenerPlaces;
  readonly #url: string;
  /** Maximum time for which a client may leave data unread, milliseconds. */
  readonly #writeTimeout: number;
  /** Declares what listeners may subscribe to; it never serves a message. */
  readonly #server: Server;

  constructor(
    servers: SdkServers,
    private readonly events: ChangeEvents,
    private readonly authorization: AuthorizationService,
    private readonly admission: Admission,
    private readonly streams: OpenStreams,
    kept: KeptBytes,
    @Inject(CONFIGURATION) { http, limits, resource }: Configuration,
    reloads: Reloads,
  ) {
    this.#places = new ListenerPlaces(limits.listeners, kept);
    reloads.on(['MAX_LISTENERS', 'MAX_LISTENERS_PER_CALLER'], (next) =>
      this.#places.setLimits(next.limits.listeners),
    );
    this.#url = resource.url;
    this.#writeTimeout = http.requestTimeout;
    this.#server = servers.create('modern', []);
  }

  /** Number of open streams. */
  get size(): number {
    return this.#places.taken;
  }

  /**
   * Opens a stream that lasts until the client closes it, the token becomes invalid, another organization gets its place,
   * or the server stops.
   *
   * @throws {JsonRpcError} 429 for too many streams of the caller, 503 for too many of the instance, 400 for more
   *   resources than a stream may ever have
   */
  async open(body: unknown, context: RequestContext, response: HttpResponse): Promise<void> {
    const { principal, request } = context;
    if (response.closed) return;
    const place = this.#places.take(principal, body);
    let stop: (() => void) | undefined;
    response.on('close', () => {
      place.release();
      stop?.();
    });
    // Other resources are left out without an error, which would reveal whether they exist.
    const uris = await this.#readableIn(body, principal);
    if (response.closed) return;
    const webRequest = toWebRequest(request, this.#url);
    const subscription = await subscribe(this.#server, webRequest, withResources(body, uris));
    if (response.closed) return;
    // A stream without any granted notification ends at once, and needs no place of another organization.
    if (Object.keys(subscription.granted).length > 0) place.accept();
    const unread = new UnreadBytes(response, this.admission.holdUnread(principal), this.#writeTimeout);
    const listener = new Listener(response, answerId(body), subscription, unread);
    const leave = this.events.listen(
      () => principal,
      (event) => listener.notify(event),
      uris,
    );
    const end = (): void => listener.end();
    const forget = this.streams.open(principal, end);
    stop = () => {
      leave();
      forget();
    };
    place.whenGivenUp(end);
    forgetRequest(request, response);
  }

  /** Returns the resources of the request that the caller may read. */
  async #readableIn(body: unknown, principal: Principal): Promise<ReadonlySet<string>> {
    const named = resourcesIn(body);
    if (named.length === 0) return NONE;
    const readable = new Set<string>();
    let checked = 0;
    for (const uri of named) {
      if (this.authorization.mayRead(principal, uri)) readable.add(uri);
      checked += uri.length;
      if (checked < MAX_CHECKED_AT_ONCE) continue;
      checked = 0;
      await ownTurn(principal);
    }
    return readable;
  }
}
