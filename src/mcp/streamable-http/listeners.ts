import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  createMcpHandler,
  INVALID_PARAMS,
  type ServerEvent,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { KeptBytes, memoryOf } from '../../limits/kept-bytes.js';
import { Places, type TakenBy } from '../../limits/places.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import type { RequestContext } from '../context/request-context.js';
import { type ChangeEvent, ChangeEvents } from '../events/change-events.js';
import { OpenStreams } from '../events/open-streams.js';
import { isRecord } from '../../values/is-record.js';
import { JsonRpcError, REFUSED } from '../wire/json-rpc-error.js';
import { EventStream } from '../wire/event-stream.js';
import { answerId } from '../wire/messages.js';
import { ownTurn } from '../admission/own-turn.js';
import { SdkServers } from '../server/sdk-servers.js';
import { errorIn, eventsOf, toWebRequest } from './web-messages.js';

/** Maximum number of resources of one stream. */
const MAX_RESOURCES = 1_000;
/** Maximum characters of URIs to compare with templates before other work gets a turn. */
const MAX_CHECKED_AT_ONCE = 64 * 1024;
/** Maximum unread bytes before the connection is closed, which tells the listener that it has missed something. */
const MAX_UNREAD_BYTES = 1024 ** 2;
/** `Retry-After` when a limit is reached, seconds. */
const RETRY_AFTER = 30;

/** Serves the streams of listeners of the modern era (`subscriptions/listen`). */
@Injectable()
export class Listeners {
  readonly #logger = new Logger(Listeners.name);
  readonly #places: Places;
  readonly #url: string;

  constructor(
    private readonly servers: SdkServers,
    private readonly events: ChangeEvents,
    private readonly authorization: AuthorizationService,
    private readonly streams: OpenStreams,
    private readonly kept: KeptBytes,
    @Inject(CONFIGURATION) { limits, resource }: Configuration,
  ) {
    this.#places = new Places(limits.listeners.instance, limits.listeners.caller);
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
    response.once('close', this.#takePlace(principal, body));
    const wanted = await this.#readable(body, principal);
    if (response.closed) return;
    const handler = createMcpHandler(() => this.servers.create('modern', []), {
      legacy: 'reject',
      keepAliveMs: 0, // EventStream uses one timer for all streams
      bus: this.#busFor(principal, wanted.uris),
      onerror: (error) => this.#logger.debug(error.message),
    });
    const answer = await handler.fetch(toWebRequest(request, this.#url), { parsedBody: wanted.body });
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

  /** Removes resources from the request that the caller may not read, without revealing whether they exist. */
  async #readable(
    body: unknown,
    principal: Principal,
  ): Promise<{ body: unknown; uris: ReadonlySet<string> }> {
    const { params, filter, uris } = filterOf(body);
    const readable = new Set<string>();
    let checked = 0;
    for (const uri of uris) {
      if (this.authorization.mayRead(principal, uri)) readable.add(uri);
      checked += uri.length;
      if (checked < MAX_CHECKED_AT_ONCE) continue;
      checked = 0;
      await ownTurn(principal);
    }
    if (!isRecord(body) || readable.size === uris.length) return { body, uris: readable };
    const notifications = { ...filter, resourceSubscriptions: [...readable] };
    return { body: { ...body, params: { ...params, notifications } }, uris: readable };
  }

  /** Takes a place, and memory for the URIs of the resources. Returns a function that releases both. */
  #takePlace(principal: Principal, body: unknown): () => void {
    const { caller } = callerKeysOf(principal);
    const { uris } = filterOf(body);
    if (uris.length > MAX_RESOURCES) {
      const message = `A stream may listen to at most ${MAX_RESOURCES} resources.`;
      throw new JsonRpcError('invalid_input', 400, INVALID_PARAMS, message, {}, { id: answerId(body) });
    }
    const crowdedBy = this.#places.crowdedBy(caller, 1);
    if (crowdedBy) throw tooMany(`listeners:${crowdedBy}`, crowdedBy, 'Too many streams', answerId(body));
    const held = this.kept.open(caller);
    const refused = held.add(memoryOf(uris));
    if (refused !== undefined) {
      const by = refused === 'never' ? 'caller' : refused;
      throw tooMany(`kept_bytes:${by}`, by, 'Too many long resource URIs', answerId(body));
    }
    this.#places.add(caller, 1);
    return () => {
      this.#places.add(caller, -1);
      held.release();
    };
  }

  #busFor(principal: Principal, uris: ReadonlySet<string>): ServerEventBus {
    return {
      publish: () => {},
      subscribe: (listener) => this.events.listen(principal, (event) => listener(serverEventOf(event)), uris),
    };
  }
}

function tooMany(
  reason: `${'listeners' | 'kept_bytes'}:${TakenBy}`,
  by: TakenBy,
  what: string,
  id: string | number | null,
): JsonRpcError {
  const [status, scope] = by === 'caller' ? [429, 'from you'] : [503, 'on this server'];
  return new JsonRpcError(
    reason,
    status,
    REFUSED,
    `${what} ${scope} are in use. Close a stream, or try again later.`,
    { 'Retry-After': String(RETRY_AFTER) },
    { data: { limit: reason.replace(':', '_'), retryAfter: RETRY_AFTER }, id },
  );
}

/** Returns the filter of a request and its URIs; empty if invalid, in which case the SDK returns the error. */
function filterOf(body: unknown): {
  params: Record<string, unknown>;
  filter: Record<string, unknown>;
  uris: readonly string[];
} {
  const params = recordIn(body, 'params');
  const filter = recordIn(params, 'notifications');
  const named = filter['resourceSubscriptions'];
  const isList = Array.isArray(named) && named.every((uri) => typeof uri === 'string');
  return { params, filter, uris: isList ? named : [] };
}

function recordIn(value: unknown, member: string): Record<string, unknown> {
  const found = isRecord(value) ? value[member] : undefined;
  return isRecord(found) ? found : {};
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
