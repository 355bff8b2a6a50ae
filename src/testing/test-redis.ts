import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

import { listen, LOOPBACK } from '../values/listen.js';

/** Connection of a test to Redis, which fails on demand. The data stays. */
export interface TestRedis {
  /** Closes every connection, and refuses new ones until {@link comeBack}. */
  goDown(): void;
  comeBack(): void;
}

/** Passes connections on to a Redis. */
export class RedisRelay implements TestRedis {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#pass(socket));
  #port = 0;
  #isDown = false;

  private constructor(private readonly target: URL) {}

  /** @param url URL of the Redis, `redis://` */
  static async open(url: string): Promise<RedisRelay> {
    const target = new URL(url);
    if (target.protocol !== 'redis:') {
      throw new Error(`The option "redis" has the protocol ${target.protocol} Use a URL with redis:`);
    }
    const relay = new RedisRelay(target);
    relay.#port = await listen(relay.#server);
    return relay;
  }

  /** URL of the relay, for the variable `REDIS_URL`. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = LOOPBACK;
    url.port = String(this.#port);
    return url.href;
  }

  goDown(): void {
    this.#isDown = true;
    this.#sockets.forEach((socket) => socket.destroy());
  }

  comeBack(): void {
    this.#isDown = false;
  }

  async close(): Promise<void> {
    this.goDown();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(socket: Socket): void {
    if (this.#isDown) {
      socket.destroy();
      return;
    }
    const server = connect(Number(this.target.port || 6379), this.target.hostname);
    for (const end of [socket, server]) {
      this.#sockets.add(end);
      end.once('close', () => this.#sockets.delete(end));
    }
    // Ends both when one of them ends or fails.
    pipeline(socket, server, socket, () => undefined);
  }
}
