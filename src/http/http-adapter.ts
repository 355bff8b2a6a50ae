import { createServer } from 'node:http';

import type { NestApplicationOptions } from '@nestjs/common';
// Not from the package's index, which loads what uploads need, too.
import { ExpressAdapter } from '@nestjs/platform-express/adapters/express-adapter.js';

import { FairTurns } from './fair-turns.js';

/** How often Node looks for requests that take too long, milliseconds; its own 30 s would be as long again. */
const CHECK_INTERVAL = 1_000;

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
}
