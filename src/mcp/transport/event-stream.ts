import type { Response as HttpResponse } from 'express';

/** How often a silent stream shows that it lives, milliseconds. Proxies close silent connections after a minute. */
const KEEP_ALIVE = 15_000;
/** What a client may leave unread before it is no longer told of what it can do without, bytes. */
const MOST_UNREAD = 1024 ** 2;

/** A response that is written event by event (`text/event-stream`). */
export class EventStream {
  readonly #keepAlive: NodeJS.Timeout;

  constructor(private readonly response: HttpResponse) {
    response
      .status(200)
      .set({
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store, no-transform',
        'X-Accel-Buffering': 'no',
      })
      .flushHeaders();
    this.#keepAlive = setInterval(() => response.write(': keepalive\n\n'), KEEP_ALIVE).unref();
    response.once('close', () => clearInterval(this.#keepAlive));
  }

  /** Writes one message; a notification is left out while its client does not read. */
  write(message: object): void {
    const { destroyed, writableLength } = this.response;
    if (destroyed || ('method' in message && writableLength > MOST_UNREAD)) return;
    this.response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  end(): void {
    clearInterval(this.#keepAlive);
    if (!this.response.destroyed) this.response.end();
  }
}
