import type { RequestHandler, Response } from 'express';

import type { Log } from './logging/log.js';
import { logRequest } from './request-log.js';
import { abandonUnreadBody } from './http/abandon-unread-body.js';
import type { Lifecycle } from './http/lifecycle.js';

/**
 * What is done for every request, whatever it is for. A plain function of Express, and one for all of it: NestJS's
 * middleware compares the path with a pattern first, and each step costs as much as what it does.
 */
export const everyRequest =
  (log: Log, lifecycle: Lifecycle): RequestHandler =>
  (request, response, next) => {
    logRequest(log, request, response);
    abandonUnreadBody(request, response);
    if (lifecycle.stopping) releaseConnection(response);
    next();
  };

/**
 * While an instance stops, no connection outlives its request: a proxy then sends the next one to another
 * instance, instead of into a connection that is about to be closed.
 */
function releaseConnection(response: Response): void {
  response.setHeader('Connection', 'close');
}
