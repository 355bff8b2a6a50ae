import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Waiting request. */
interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Marks the request as begun. */
  readonly begin: () => void;
}

/** Connection and its waiting requests. */
export class Connection {
  /** Response that is not sent yet. */
  response: ServerResponse | undefined;
  isWatched = false;
  /** Whether the client has sent a request before the previous one was answered. */
  sendsAhead = false;
  /** Bytes read from the socket when the last request began. */
  bytesRead = -1;
  readonly waiting: Waiting[] = [];

  constructor(readonly socket: Socket) {}
}
