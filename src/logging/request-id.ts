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

/**
 * Gives a request its id: the one in `X-Request-Id` where a trusted proxy says so, else a new one.
 *
 * @param isTrusted whether the peer is a trusted proxy
 */
export function assignRequestId(request: Request & IdentifiedRequest, isTrusted: boolean): string {
  const given = isTrusted ? request.get('x-request-id') : undefined;
  if (given !== undefined && ACCEPTABLE.test(given)) request[REQUEST_ID] = given;
  return requestIdOf(request);
}
