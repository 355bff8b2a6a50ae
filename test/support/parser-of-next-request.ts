import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

import type { Aerie } from './aerie.js';

/** Returns a function that returns the HTTP parser of the connection of the next request: null once it is freed. */
export function parserOfNextRequest({ application }: Aerie): () => object | null | undefined {
  let socket: (Socket & { readonly parser?: object | null }) | undefined;
  const server: Server = application.getHttpServer();
  server.once('request', (request: IncomingMessage) => (socket = request.socket));
  return () => socket?.parser;
}
