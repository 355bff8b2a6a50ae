import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import type { Exchange } from '../exchange.js';

const HEAD_END = '\r\n\r\n';

/** Connection that sends prepared requests, to minimize the client's work. */
export class RawConnection {
  #received = '';
  #answered: ((status: number, body: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (data) => this.#receive(data.toString('latin1')));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('The server closed the connection.')));
  }

  static async open(url: string): Promise<RawConnection> {
    const socket = connectTo(url);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  ask(
    request: Buffer,
    answered: (status: number, body: string) => void,
    failed: (error: Error) => void,
  ): void {
    this.#answered = answered;
    this.#failed = failed;
    this.#received = '';
    this.socket.write(request);
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
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const isComplete = length === undefined ? body.endsWith(`0${HEAD_END}`) : body.length >= Number(length);
    if (isComplete) this.#answered?.(Number(head.slice(9, 12)), body);
  }
}

export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname);
}

/** Serializes an HTTP/1.1 POST. */
export function requestBytes(url: string, { headers, body }: Exchange): Buffer {
  const { pathname, host } = new URL(url);
  const lines = Object.entries({ host, ...headers, 'content-length': String(Buffer.byteLength(body)) });
  const head = [`POST ${pathname} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${head.join('\r\n')}${HEAD_END}${body}`);
}
