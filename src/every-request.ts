import type { RequestHandler, Response } from 'express';

import type { LineLog } from './logging/line-log.js';
import { logRequest } from './request-log.js';
import { abandonUnreadBody } from './http/abandon-unread-body.js';
import type { Lifecycle } from './http/lifecycle.js';
import { malformedRequest } from './http/malformed-request.js';
import { setReason } from './logging/refused-response.js';

/**
 * Express middleware for every request. A single plain function is faster than several NestJS middlewares, which first
 * match the path against a pattern.
 *
 * @param withIssuer whether log lines contain the issuer of the caller
 */
export const everyRequest =
  (log: LineLog, withIssuer: boolean, lifecycle: Pick<Lifecycle, 'stopping'>): RequestHandler =>
  (request, response, next) => {
    logRequest(log, withIssuer, request, response);
    abandonUnreadBody(request, response);
    if (lifecycle.stopping) releaseConnection(response);
    const problem = malformedRequest(request);
    if (problem === undefined) next();
    else refuse(response, problem);
  };

/**
 * Closes the connection after the response while an instance stops. A proxy then sends the next request to another
 * instance instead of over a closing connection.
 */
function releaseConnection(response: Response): void {
  response.setHeader('Connection', 'close');
}

/** Rejects a request before routing, in a format that is independent of any protocol. */
function refuse(response: Response, message: string): void {
  setReason(response, 'malformed_request');
  response.status(400).json({ statusCode: 400, message });
}
