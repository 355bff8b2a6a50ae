import { once } from 'node:events';
import type { Socket } from 'node:net';

import { exchangeOf } from '../exchange.js';
import { connectTo, requestBytes } from './raw-connection.js';
import { PreparedRequest } from './request-ids.js';

const PATIENCE = 30_000;

/** Stream of a client that listens for changes (MCP 2026-07-28, `subscriptions/listen`). */
export class ListeningStream {
  private constructor(private readonly socket: Socket) {}

  /** @throws {Error} with the server's response, unless it is a stream that begins with the acknowledgement */
  static async open(url: string, token: string): Promise<ListeningStream> {
    const socket = connectTo(url);
    await once(socket, 'connect');
    const listen = {
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true } },
      expected: '',
    };
    socket.write(new PreparedRequest(requestBytes(url, exchangeOf(listen, '2026-07-28', token))).next());
    let received = '';
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      while (!received.includes('notifications/subscriptions/acknowledged')) {
        received += String((await once(socket, 'data', { signal }))[0]);
        const isStream = /^HTTP\/1\.1 200[^]*\r\ncontent-type: text\/event-stream/i.test(received);
        if (received.includes('\r\n\r\n') && !isStream) throw new Error(received);
      }
      socket.on('error', () => undefined); // `next` reports it
      return new ListeningStream(socket);
    } catch (error) {
      socket.destroy();
      const said = received.replace(/^[^]*?\r\n\r\n/, '').slice(0, 200);
      throw new Error(`${received.split('\r\n', 1)[0] ?? 'no answer'}: ${said}`, { cause: error });
    }
  }

  /** Resolves with the time of the next change notification, on the clock of `performance.now()`. */
  async next(patience: number): Promise<number> {
    const signal = AbortSignal.timeout(patience);
    let received = '';
    while (!received.includes('list_changed')) {
      received += String((await once(this.socket, 'data', { signal }))[0]);
    }
    return performance.now();
  }

  close(): void {
    this.socket.destroy();
  }
}
