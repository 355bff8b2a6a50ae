import type { RequestHandler, Response } from 'express';

import type { Log } from './logging/log.js';
import { logRequest } from './request-log.js';
import { abandonUnreadBody } from './http/abandon-unread-body.js';
import type { Lifecycle } from './http/lifecycle.js';
import { malformedRequest } from './http/malformed-request.js';
import { setReason } from './logging/refusal.js';

/**
 * What is done for every request, whatever it is for. A plain function of Express, and one for all of it: NestJS's
 * middleware compares the path with a pattern first, and each step costs as much as what it does.
 *
 * @param withIssuer whether log lines name the caller's issuer
 */
export const everyRequest =
  (log: Log, withIssuer: boolean, lifecycle: Lifecycle): RequestHandler =>
  (request, response, next) => {
    logRequest(log, withIssuer, request, response);
    abandonUnreadBody(request, response);
    if (lifecycle.stopping) releaseConnection(response);
    const problem = malformedRequest(request);
    if (problem === undefined) next();
    else refuse(response, problem);
  };

/**
 * While an instance stops, no connection outlives its request: a proxy then sends the next one to another
 * instance, instead of into a connection that is about to be closed.
 */
function releaseConnection(response: Response): void {
  response.setHeader('Connection', 'close');
}

/** Before any route, so in no protocol's own form. */
function refuse(response: Response, message: string): void {
  setReason(response, 'malformed_request');
  response.status(400).json({ statusCode: 400, message });
}
