import type { Request, Response } from 'express';

import { type AuthenticatedRequest, findPrincipal } from './auth/authenticated-request.js';
import { elapsedSince } from './logging/elapsed.js';
import { pathOf } from './http/malformed-request.js';
import type { LineLog } from './logging/line-log.js';
import { reasonOf, targetsOf } from './logging/refused-response.js';
import { assignRequestId, type IdentifiedRequest } from './logging/request-id.js';

/** Logs one line when a request ends, and returns the request id to the client in `X-Request-Id`. */
export function logRequest(
  log: LineLog,
  withIssuer: boolean,
  request: Request & AuthenticatedRequest & IdentifiedRequest,
  response: Response,
): void {
  const start = performance.now();
  const requestId = assignRequestId(request);
  response.setHeader('X-Request-Id', requestId);
  // Read the address now, because a closed connection no longer has one.
  const address = addressOf(request);
  const path = pathOf(request.originalUrl);
  response.on('close', () => {
    const principal = findPrincipal(request);
    const targets = targetsOf(response);
    // Undefined fields are omitted.
    const line = {
      requestId,
      method: request.method,
      path,
      status: response.statusCode,
      address,
      issuer: withIssuer ? principal?.issuer : undefined,
      subject: principal?.subject,
      clientId: principal?.clientId,
      organizationId: principal?.organizationId,
      tool: targets?.tool,
      resource: targets?.resource,
      prompt: targets?.prompt,
      reason: reasonOf(response),
      aborted: response.writableFinished ? undefined : true,
      durationMs: elapsedSince(start),
    };
    log[path.startsWith('/health') ? 'debug' : 'info'](line, 'request');
  });
}

/** Returns the client address. Skips Express's evaluation of proxies if there is no forwarded header. */
const addressOf = (request: Request): string | undefined =>
  request.headers['x-forwarded-for'] === undefined ? request.socket.remoteAddress : request.ip;
