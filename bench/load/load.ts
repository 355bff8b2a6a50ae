import { setTimeout as sleep } from 'node:timers/promises';

import { awakeDuring } from './awake.js';

/** Client of a load. */
export interface LoadClient {
  /**
   * Performs an operation, with all of its requests.
   *
   * @throws {Error} if a response is wrong
   */
  perform(): Promise<void>;
  close(): void;
}

export interface LoadOptions {
  /** Maximum number of operations of each client. */
  readonly each?: number;
  /** Whether this process never sleeps meanwhile; see {@link awakeDuring}. */
  readonly isAwake?: boolean;
  /** Closes all clients at once, without waiting for responses. */
  readonly signal?: AbortSignal;
}

/** Clients that perform one operation after another, until they are stopped or one of them fails. */
export class Load {
  #operations = 0;
  #isStopped = false;
  readonly #end: Promise<unknown>;

  constructor(clients: readonly LoadClient[], { each = Infinity, isAwake = true, signal }: LoadOptions = {}) {
    const aborted = new Promise<never>((_resolve, reject) => {
      const abort = (): void => {
        this.#isStopped = true;
        clients.forEach((client) => client.close());
        reject(new Error('The load was aborted.'));
      };
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
    const all = Promise.race([aborted, Promise.all(clients.map((client) => this.#run(client, each)))]);
    this.#end = isAwake ? awakeDuring(all) : all;
    this.#end.catch(() => undefined); // `during` and `stop` report it
  }

  /** Number of operations that have ended. */
  get operations(): number {
    return this.#operations;
  }

  /** @throws {Error} if a client fails meanwhile */
  async during(seconds: number): Promise<void> {
    const time = new AbortController();
    const passed = sleep(seconds * 1000, undefined, { signal: time.signal }).catch(() => undefined);
    try {
      await Promise.race([passed, this.#end]);
    } finally {
      time.abort();
    }
  }

  /** Waits until all clients have performed their maximum number of operations. */
  async end(): Promise<void> {
    await this.#end;
  }

  /** Waits for the responses in flight, so that the server is idle afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#end;
  }

  async #run(client: LoadClient, each: number): Promise<void> {
    try {
      for (let performed = 0; performed < each && !this.#isStopped; performed++) {
        await client.perform();
        this.#operations++;
      }
    } finally {
      this.#isStopped = true;
      client.close();
    }
  }
}
