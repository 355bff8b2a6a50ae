import { randomUUID } from 'node:crypto';

import type { Request } from 'express';

const REQUEST_ID = Symbol('requestId');
const ACCEPTABLE = /^[\w.:-]{1,128}$/;

/** Request with the id from {@link assignRequestId}, stored under a symbol because no client can set one. */
export interface IdentifiedRequest {
  [REQUEST_ID]?: string;
}

/** Returns the id of the request in the log. */
export function requestIdOf(request: IdentifiedRequest): string {
  return (request[REQUEST_ID] ??= randomUUID());
}

/** Gives a request that another one makes within this process the id of that one. */
export function shareRequestId(from: IdentifiedRequest, to: IdentifiedRequest): void {
  to[REQUEST_ID] = requestIdOf(from);
}

/** Assigns the id of a request: `X-Request-Id` if the peer is a trusted proxy, else a new id. */
export function assignRequestId(request: Request & IdentifiedRequest): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && ACCEPTABLE.test(given) && isFromTrustedProxy(request)) {
    request[REQUEST_ID] = given;
  }
  return requestIdOf(request);
}

function isFromTrustedProxy({ app, socket }: Request): boolean {
  const isTrusted: (address: string | undefined, hop: number) => boolean = app.get('trust proxy fn');
  return isTrusted(socket.remoteAddress, 0);
}
