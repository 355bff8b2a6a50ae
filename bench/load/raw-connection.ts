import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import type { Exchange } from '../exchange.js';

const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = `0${HEAD_END}`;
const NO_CONTENT = 204;
/** Maximum time without a byte from the server. */
export const TIMEOUT_MS = 30_000;

/** Response to a request. */
export interface HttpAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

/** Connection that sends prepared requests, to minimize the client's work. */
export class RawConnection {
  #received = '';
  #answered: ((answer: HttpAnswer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`No answer within ${TIMEOUT_MS} ms.`)));
    socket.on('data', (data) => this.#receive(data.toString('latin1')));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('The server closed the connection.')));
  }

  static async open(url: string): Promise<RawConnection> {
    const socket = connectTo(url);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  ask(request: Buffer, answered: (answer: HttpAnswer) => void, failed: (error: Error) => void): void {
    this.#answered = answered;
    this.#failed = failed;
    this.#received = '';
    this.socket.write(request);
  }

  /** @throws {Error} if the connection ends before the response */
  send(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => this.ask(request, resolve, reject));
  }

  close(): void {
    this.#failed = undefined;
    this.socket.destroy();
  }

  #receive(data: string): void {
    this.#received += data;
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const body = this.#received.slice(end + HEAD_END.length);
    const status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (
      status !== NO_CONTENT &&
      !(length === undefined ? body.endsWith(LAST_CHUNK) : body.length >= Number(length))
    )
      return;
    this.#answered?.({ status, head, body: length === undefined ? withoutChunks(body) : body });
  }
}

/** Joins the chunks of a body with `transfer-encoding: chunked`. */
function withoutChunks(body: string): string {
  let joined = '';
  for (let at = 0; ;) {
    const start = body.indexOf(LINE_END, at) + LINE_END.length;
    const length = Number.parseInt(body.slice(at, start), 16);
    if (!(length > 0)) return joined;
    joined += body.slice(start, start + length);
    at = start + length + LINE_END.length;
  }
}

export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname);
}

/** Serializes an HTTP/1.1 request. */
export function requestBytes(url: string, { method = 'POST', headers, body }: Exchange): Buffer {
  const { pathname, host } = new URL(url);
  const lines = Object.entries({ host, ...headers, 'content-length': String(Buffer.byteLength(body)) });
  const head = [`${method} ${pathname} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${head.join(LINE_END)}${HEAD_END}${body}`);
}
