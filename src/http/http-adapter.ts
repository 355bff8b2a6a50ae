import { createServer, type Server } from 'node:http';

import type { NestApplicationOptions } from '@nestjs/common';
// Not from the package's index, which loads what uploads need, too.
import { ExpressAdapter } from '@nestjs/platform-express/adapters/express-adapter.js';

import { FairTurns } from './fair-turns.js';

/** How often Node looks for requests that take too long, milliseconds; its own 30 s would be as long again. */
const CHECK_INTERVAL = 1_000;

/**
 * Connections that the system may hold until they are accepted; it has a limit of its own, often 4,096. With Node's 511,
 * a burst of connections makes everybody else's wait for a second or more until it is tried again.
 */
const BACKLOG = 4_096;

/** NestJS's Express adapter on a server that gives clients limited time to send headers and body. */
export class HttpAdapter extends ExpressAdapter {
  /** @param requestTimeout milliseconds for headers and body together; beyond, 408 and the end */
  constructor(private readonly requestTimeout: number) {
    super();
  }

  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    const turns = new FairTurns(this.getInstance());
    this.httpServer = createServer(
      {
        headersTimeout: this.requestTimeout,
        requestTimeout: this.requestTimeout,
        connectionsCheckingInterval: Math.min(CHECK_INTERVAL, this.requestTimeout),
      },
      (request, response) => turns.serve(request, response),
    );
  }

  override listen(port: string | number, ...rest: unknown[]): Server {
    const host = rest.find((part) => typeof part === 'string');
    const callback = rest.find((part): part is () => void => typeof part === 'function');
    return this.httpServer.listen({ port: Number(port), host, backlog: BACKLOG }, callback);
  }
}
