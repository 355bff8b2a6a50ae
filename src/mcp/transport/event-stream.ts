import type { Response as HttpResponse } from 'express';

import { keepAlive } from './keep-alive.js';

/** What a client may leave unread before it is no longer told of what it can do without, bytes. */
const MOST_UNREAD = 1024 ** 2;

/** A response that is written event by event (`text/event-stream`). */
export class EventStream {
  constructor(private readonly response: HttpResponse) {
    response
      .status(200)
      .set({
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store, no-transform',
        'X-Accel-Buffering': 'no',
      })
      .flushHeaders();
    keepAlive(response);
  }

  /** Writes one message; a notification is left out while its client does not read. */
  write(message: object): void {
    const { destroyed, writableLength } = this.response;
    if (destroyed || ('method' in message && writableLength > MOST_UNREAD)) return;
    this.response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  end(): void {
    if (!this.response.destroyed) this.response.end();
  }
}
