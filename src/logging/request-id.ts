import { randomUUID } from 'node:crypto';

import type { Request } from 'express';

const REQUEST_ID = Symbol('requestId');
const ACCEPTABLE = /^[\w.:-]{1,128}$/;

/** A request that {@link assignRequestId} has seen. No client can set a symbol. */
export interface IdentifiedRequest {
  [REQUEST_ID]?: string;
}

/** The id under which the request is found in the log. */
export function requestIdOf(request: IdentifiedRequest): string {
  return (request[REQUEST_ID] ??= randomUUID());
}

/** Gives a request its id: the one in `X-Request-Id` where the peer is a trusted proxy, else a new one. */
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
