import { createServer, IncomingMessage, type Server, type ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { NestApplicationOptions } from '@nestjs/common';
// The index of the package would also load modules for uploads.
import { ExpressAdapter } from '@nestjs/platform-express/adapters/express-adapter.js';

import type { Express } from 'express';

import type { Configuration } from '../config/configuration.js';
import { TURNS } from '../limits/turns.js';
import { type Closing, correctClosing } from './closing.js';
import { CONNECTION_BYTES } from './connection-bytes.js';
import { DROPPED_CONNECTIONS } from './dropped-connections.js';
import { FairTurns } from './fair-turns.js';
import { isSmall, SmallChunks } from './small-chunks.js';

/** Interval at which Node checks for request timeouts. Its default of 30 s would double the timeout. */
const CHECK_INTERVAL_MS = 1_000;

/** Idle time after which a connection of a client is closed. */
const KEEP_ALIVE_MS = 5_000;
/**
 * The same for connections of a proxy, which keeps them for minutes. The proxy must be the one that closes: a request
 * that it sends while this server closes the connection fails, and cannot be sent again without a risk.
 */
const PROXY_KEEP_ALIVE_MS = 10 * 60_000;

/**
 * Connections that the operating system queues before they are accepted. The system has its own limit, often 4,096.
 * Node's default is 511: after a burst of connections, everybody else waits a second or more for a retry.
 */
const BACKLOG = 4_096;

/**
 * Least time for which a client may read nothing of an ended response while the server closes. The system reports progress
 * only after about a megabyte, so it must not be short.
 */
const MIN_UNREAD_TIMEOUT_MS = 10_000;

/** Express adapter of NestJS with request timeouts, a maximum number of connections, and fair turns. */
export class HttpAdapter extends ExpressAdapter {
  #closing: Closing | undefined;

  /** @param senderOf returns the sender of a request; undefined for a stranger */
  constructor(
    private readonly configuration: Pick<Configuration, 'http' | 'shutdownTimeout'>,
    private readonly senderOf: ConstructorParameters<typeof FairTurns>[1],
  ) {
    super();
  }

  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    const application: Express = this.getInstance();
    const turns = new FairTurns(application, this.senderOf);
    const { http, shutdownTimeout } = this.configuration;
    const { requestTimeout, maxConnections, trustedProxies } = http;
    this.httpServer = createServer(
      {
        ...messageClasses(application),
        headersTimeout: requestTimeout,
        requestTimeout,
        keepAliveTimeout: trustedProxies.length > 0 ? PROXY_KEEP_ALIVE_MS : KEEP_ALIVE_MS,
        connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, requestTimeout),
      },
      (request, response) => turns.serve(request, response),
    );
    this.httpServer.on('connection', (socket: Socket) => {
      TURNS.connected();
      socket.once('close', CONNECTION_BYTES.begin(socket));
    });
    this.#closing = correctClosing(
      this.httpServer,
      (socket) => turns.responseOn(socket),
      Math.max(MIN_UNREAD_TIMEOUT_MS, shutdownTimeout / 3),
    );
    // Otherwise, full workers hand a connection to each other without end. So one closes it even if another has room. The
    // types of Node.js lack the second property.
    Object.assign(this.httpServer, { maxConnections, dropMaxConnection: true });
    this.httpServer.on('drop', () => DROPPED_CONNECTIONS.add(maxConnections));
  }

  /** Number of connections with a response that is not sent. */
  get busyConnections(): number {
    return this.#closing?.busy ?? 0;
  }

  override listen(port: string | number, ...rest: unknown[]): Server {
    const host = rest.find((part) => typeof part === 'string');
    const callback = rest.find((part): part is () => void => typeof part === 'function');
    return this.httpServer.listen({ port: Number(port), host, backlog: BACKLOG }, callback);
  }

  /** Closes the server. Resolves once all of its requests have been logged, also those that were cut off. */
  override async close(): Promise<void> {
    await super.close();
    await this.#closing?.settle();
  }
}

/**
 * Creates request and response classes with the prototypes of Express. Otherwise, Express changes the prototype of each
 * request and response, which is slow and slows down every later use.
 */
function messageClasses(application: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class Request extends IncomingMessage {
    #small: SmallChunks | undefined;

    override push(chunk: unknown, encoding?: BufferEncoding): boolean {
      if (isSmall(chunk) && this.readableLength > 0) {
        this.#small ??= new SmallChunks((block) => super.push(block));
        return this.#small.add(chunk);
      }
      this.#small?.flush();
      return super.push(chunk, encoding);
    }
  }
  class Response<For extends IncomingMessage> extends ServerResponse<For> {}
  Object.setPrototypeOf(Request.prototype, application.request);
  Object.setPrototypeOf(Response.prototype, application.response);
  Object.assign(application, { request: Request.prototype, response: Response.prototype });
  return { IncomingMessage: Request, ServerResponse: Response };
}
