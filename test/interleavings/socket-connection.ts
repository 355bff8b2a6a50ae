import { connect, type Socket } from 'node:net';

import type { Connection } from './connection.js';

/** A client's end of a TCP connection. */
export class SocketConnection implements Connection {
  text = '';
  readonly #socket: Socket;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    this.#socket.on('error', () => {}); // the server may be gone
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  send(text: string): void {
    if (this.#socket.writable) this.#socket.write(text);
  }

  close(): void {
    this.#socket.destroy();
  }
}
