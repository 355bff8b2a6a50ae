import { JSONRPC_VERSION, SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { dedicateConnection } from '../../values/dedicated-connections.js';
import type { ChangedList } from '../catalog/offers.js';
import type { ChangeEvent } from '../events/change-events.js';
import { notificationOf } from '../events/change-notification.js';
import { EventStream, LISTENING_UNREAD_TIMEOUT_MS, MAX_UNREAD_BYTES } from '../wire/event-stream.js';
import type { UnreadBytes } from '../wire/unread-bytes.js';
import type { Subscription } from './subscription.js';

/** Stream of a listener. It holds little, because there may be thousands. */
export class Listener {
  readonly #stream: EventStream;
  readonly #result: object;
  readonly #lists: Readonly<Record<ChangedList, boolean>>;

  /**
   * Begins the stream.
   *
   * @param id ID of the request to listen
   * @param unread writes to the stream and charges the caller for unread bytes
   */
  constructor(
    private readonly response: HttpResponse,
    private readonly id: string | number | null,
    { granted, acknowledgement, result }: Subscription,
    unread: UnreadBytes,
  ) {
    this.#result = result;
    this.#lists = {
      tools: granted['toolsListChanged'] === true,
      resources: granted['resourcesListChanged'] === true,
      prompts: granted['promptsListChanged'] === true,
    };
    dedicateConnection(response);
    this.#stream = new EventStream(response, unread, LISTENING_UNREAD_TIMEOUT_MS);
    this.#stream.write(acknowledgement);
    if (Object.keys(granted).length === 0) this.end();
  }

  /** Notifies the listener of a change, unless it is to a list that the listener did not ask for. */
  notify(event: ChangeEvent): void {
    if (event.kind === 'list_changed' && !this.#lists[event.list]) return;
    const { method, params } = notificationOf(event);
    const _meta = { [SUBSCRIPTION_ID_META_KEY]: this.id };
    this.#stream.write({ jsonrpc: JSONRPC_VERSION, method, params: { ...params, _meta } });
    // The stream would drop notifications. A closed connection tells the listener that it has missed something.
    if (this.response.writableLength > MAX_UNREAD_BYTES) this.response.destroy();
  }

  /** Ends the stream with the result of the request. */
  end(): void {
    this.#stream.write(this.#result);
    this.#stream.end();
  }
}
