import type { Server } from 'node:http';
import { Duplex } from 'node:stream';

import type { Connection } from './connection.js';

/** End of a connection within this process. */
class End extends Duplex {
  peer: End | undefined;
  /** Byte count like a socket's, with which Aerie recognizes pipelined requests. */
  bytesRead = 0;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.peer && !this.peer.destroyed) {
      this.peer.bytesRead += chunk.length;
      this.peer.push(chunk);
    }
    done();
  }

  override _final(done: () => void): void {
    this.peer?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { peer } = this;
    this.peer = undefined;
    if (peer && !peer.destroyed) setImmediate(() => peer.destroy());
    done(error);
  }

  /** Socket method that Node's server calls. */
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }
}

/** Client's end of a connection to a server, without a network. */
export class MemoryConnection implements Connection {
  text = '';
  readonly #client = new End();

  constructor(server: Server) {
    const far = new End();
    this.#client.peer = far;
    far.peer = this.#client;
    this.#client.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    this.#client.on('error', () => {});
    far.on('error', () => {});
    if (server.listening) server.emit('connection', far);
    else this.#client.destroy(); // refused, as by a server that has stopped
  }

  get isOpen(): boolean {
    return !this.#client.destroyed;
  }

  send(text: string): void {
    if (!this.#client.destroyed) this.#client.write(text);
  }

  close(): void {
    this.#client.destroy();
  }
}
