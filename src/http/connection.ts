import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request that waits. */
interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Tells that it begins. */
  readonly begin: () => void;
}

/** One connection, and its requests that wait. */
export class Connection {
  isBusy = false;
  isWatched = false;
  /** Whether it has sent a request before the one before it was answered. */
  sendsAhead = false;
  /** Bytes that had been read from it when a request last began. */
  bytesRead = -1;
  readonly waiting: Waiting[] = [];
  #isStopped = false;

  constructor(readonly socket: Socket) {
    const resume = socket.resume.bind(socket);
    // Node resumes by itself whenever a request or a response makes progress.
    socket.resume = () => (this.#isStopped ? socket : resume());
  }

  /** Has Node read no more. */
  stopReading(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.socket.pause();
  }

  goOnReading(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.socket.resume();
  }
}
