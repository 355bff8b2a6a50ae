import { createServer, IncomingMessage, type Server, type ServerOptions, ServerResponse } from 'node:http';

import type { NestApplicationOptions } from '@nestjs/common';
// Not from the package's index, which loads what uploads need, too.
import { ExpressAdapter } from '@nestjs/platform-express/adapters/express-adapter.js';

import type { Express } from 'express';

import type { Configuration } from '../config/configuration.js';
import { TURNS } from '../limits/turns.js';
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
  /** @param senderOf tells whose turn a request waits for */
  constructor(
    private readonly http: Pick<Configuration['http'], 'requestTimeout' | 'maxConnections'>,
    private readonly senderOf: ConstructorParameters<typeof FairTurns>[1],
  ) {
    super();
  }

  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    const application: Express = this.getInstance();
    const turns = new FairTurns(application, this.senderOf);
    const { requestTimeout, maxConnections } = this.http;
    this.httpServer = createServer(
      {
        ...messageClasses(application),
        headersTimeout: requestTimeout,
        requestTimeout,
        connectionsCheckingInterval: Math.min(CHECK_INTERVAL, requestTimeout),
      },
      (request, response) => turns.serve(request, response),
    );
    this.httpServer.on('connection', () => TURNS.connected());
    this.httpServer.maxConnections = maxConnections;
  }

  override listen(port: string | number, ...rest: unknown[]): Server {
    const host = rest.find((part) => typeof part === 'string');
    const callback = rest.find((part): part is () => void => typeof part === 'function');
    return this.httpServer.listen({ port: Number(port), host, backlog: BACKLOG }, callback);
  }
}

/**
 * Classes of requests and responses that have Express's prototypes from the start. Express sets these on each request
 * and response, which is slow unless they are there already, and slows every later use down.
 */
function messageClasses(application: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class Request extends IncomingMessage {}
  class Response<For extends IncomingMessage> extends ServerResponse<For> {}
  Object.setPrototypeOf(Request.prototype, application.request);
  Object.setPrototypeOf(Response.prototype, application.response);
  Object.assign(application, { request: Request.prototype, response: Response.prototype });
  return { IncomingMessage: Request, ServerResponse: Response };
}
