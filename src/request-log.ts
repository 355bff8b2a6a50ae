import type { Request, Response } from 'express';

import { type AuthenticatedRequest, findPrincipal } from './auth/authenticated-request.js';
import { elapsedSince } from './logging/elapsed.js';
import { pathOf } from './http/malformed-request.js';
import type { Log } from './logging/log.js';
import { reasonOf, targetsOf } from './logging/refusal.js';
import { assignRequestId, type IdentifiedRequest } from './logging/request-id.js';

/** Writes one line for a request once it has ended, and tells the client under which id it is found. */
export function logRequest(
  log: Log,
  withIssuer: boolean,
  request: Request & AuthenticatedRequest & IdentifiedRequest,
  response: Response,
): void {
  const start = performance.now();
  const requestId = assignRequestId(request);
  response.setHeader('X-Request-Id', requestId);
  // Now, because a connection that has ended has no address any more.
  const address = addressOf(request);
  const path = pathOf(request.originalUrl);
  response.on('close', () => {
    const principal = findPrincipal(request);
    const targets = targetsOf(response);
    // What is undefined is left out.
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

/** Express works out what proxies say; where they say nothing, there is nothing to work out. */
const addressOf = (request: Request): string | undefined =>
  request.headers['x-forwarded-for'] === undefined ? request.socket.remoteAddress : request.ip;
