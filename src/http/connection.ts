import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One connection, and its requests that wait. */
export class Connection {
  isBusy = false;
  isWatched = false;
  /** Whether it has sent a request before the one before it was answered. */
  sendsAhead = false;
  /** Bytes that had been read from it when a request last began. */
  bytesRead = -1;
  readonly waiting: { readonly request: IncomingMessage; readonly response: ServerResponse }[] = [];

  constructor(readonly socket: Socket) {}

  /** Has Node read no more. It would go on by itself whenever a request or a response makes progress. */
  stopReading(): void {
    this.socket.pause();
    this.socket.resume = () => this.socket;
  }

  goOnReading(): void {
    Reflect.deleteProperty(this.socket, 'resume');
    this.socket.resume();
  }
}
