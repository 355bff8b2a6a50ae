import { Inject, Injectable, Logger } from '@nestjs/common';
import { createMcpHandler, type ServerEvent, type ServerEventBus } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { Reloads } from '../../config/reloads.js';
import { KeptBytes } from '../../limits/kept-bytes.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import type { RequestContext } from '../context/request-context.js';
import { type ChangeEvent, ChangeEvents } from '../events/change-events.js';
import { OpenStreams } from '../events/open-streams.js';
import { EventStream } from '../wire/event-stream.js';
import { ownTurn } from '../admission/own-turn.js';
import { SdkServers } from '../server/sdk-servers.js';
import { ListenerPlaces } from './listener-places.js';
import { resourcesIn, withResources } from './listen-request.js';
import { errorIn, eventsOf, toWebRequest } from './web-messages.js';

/** Maximum characters of URIs to compare with templates before other work gets a turn. */
const MAX_CHECKED_AT_ONCE = 64 * 1024;
/** Maximum unread bytes before the connection is closed, which tells the listener that it has missed something. */
const MAX_UNREAD_BYTES = 1024 ** 2;

/** Serves the streams of listeners of the modern era (`subscriptions/listen`). */
@Injectable()
export class Listeners {
  readonly #logger = new Logger(Listeners.name);
  readonly #places: ListenerPlaces;
  readonly #url: string;

  constructor(
    private readonly servers: SdkServers,
    private readonly events: ChangeEvents,
    private readonly authorization: AuthorizationService,
    private readonly streams: OpenStreams,
    kept: KeptBytes,
    @Inject(CONFIGURATION) { limits, resource }: Configuration,
    reloads: Reloads,
  ) {
    this.#places = new ListenerPlaces(limits.listeners, kept);
    reloads.on(['MAX_LISTENERS', 'MAX_LISTENERS_PER_CALLER'], (next) =>
      this.#places.setLimits(next.limits.listeners),
    );
    this.#url = resource.url;
  }

  /** Number of open streams. */
  get size(): number {
    return this.#places.taken;
  }

  /**
   * Opens a stream that lasts until the client closes it, the token becomes invalid, or the server stops.
   *
   * Each stream has its own SDK handler. So it gets only events for this caller, and can end with a proper result.
   *
   * @param body request, already authorized
   * @throws {JsonRpcError} 429 for too many streams of the caller, 503 for too many of the instance, 400 for too many
   *   resources
   */
  async open(body: unknown, context: RequestContext, response: HttpResponse): Promise<void> {
    const { principal, request } = context;
    if (response.closed) return;
    response.once('close', this.#places.take(principal, body));
    // Other resources are left out without an error, which would reveal whether they exist.
    const uris = await this.#readableIn(body, principal);
    if (response.closed) return;
    const handler = createMcpHandler(() => this.servers.create('modern', []), {
      legacy: 'reject',
      keepAliveMs: 0, // EventStream uses one timer for all streams
      bus: this.#busFor(principal, uris),
      onerror: (error) => this.#logger.debug(error.message),
    });
    const answer = await handler.fetch(toWebRequest(request, this.#url), {
      parsedBody: withResources(body, uris),
    });
    const end = (): void => void handler.close();
    if (response.closed) {
      end();
      return;
    }
    const events = eventsOf(answer);
    if (!events) throw errorIn(await answer.text(), answer.status);
    response.once('close', end).once('close', this.streams.open(principal, end));
    void write(events, response);
  }

  /** Returns the resources of the request that the caller may read. */
  async #readableIn(body: unknown, principal: Principal): Promise<ReadonlySet<string>> {
    const readable = new Set<string>();
    let checked = 0;
    for (const uri of resourcesIn(body)) {
      if (this.authorization.mayRead(principal, uri)) readable.add(uri);
      checked += uri.length;
      if (checked < MAX_CHECKED_AT_ONCE) continue;
      checked = 0;
      await ownTurn(principal);
    }
    return readable;
  }

  #busFor(principal: Principal, uris: ReadonlySet<string>): ServerEventBus {
    return {
      publish: () => {},
      subscribe: (listener) => this.events.listen(principal, (event) => listener(serverEventOf(event)), uris),
    };
  }
}

function serverEventOf(event: ChangeEvent): ServerEvent {
  return event.kind === 'resource_updated'
    ? { kind: event.kind, uri: event.uri }
    : { kind: `${event.list}_list_changed` };
}

async function write(events: AsyncIterable<object>, response: HttpResponse): Promise<void> {
  const stream = new EventStream(response);
  for await (const event of events) {
    if (response.destroyed) return;
    stream.write(event);
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
  }
  stream.end();
}
