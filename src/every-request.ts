import type { Express, Request, RequestHandler, Response } from 'express';

import { injectionOf, type InjectedRequest } from './auth/injected-request.js';
import type { Configuration } from './config/configuration.js';
import type { LineLog } from './logging/line-log.js';
import { logRequest } from './request-log.js';
import { abandonUnreadBody } from './http/abandon-unread-body.js';
import type { Lifecycle } from './http/lifecycle.js';
import { malformedRequest } from './http/malformed-request.js';
import type { EndedRequest, Observation, Observer } from './observation/observer.js';
import { setReason } from './logging/refused-response.js';
import { StrangerLines } from './logging/stranger-lines.js';

const IS_COVERED = 'aerie:everyRequest';

/** Tells the endpoints of an application that {@link everyRequest} runs for all of its requests. */
export function coverRequests({ locals }: Express): void {
  locals[IS_COVERED] = true;
}

/** Whether {@link everyRequest} runs for all requests of an application. */
export const coversRequests = ({ locals }: Express): boolean => locals[IS_COVERED] === true;

/**
 * Express middleware for every request. A single plain function is faster than several NestJS middlewares, which first
 * match the path against a pattern.
 *
 * @param logsRequests whether requests get an id and a log line
 */
export function everyRequest(
  log: LineLog,
  options: Configuration['log'],
  lifecycle: Pick<Lifecycle, 'stopping'>,
  observer?: Observer,
  logsRequests = true,
): RequestHandler {
  const strangers = logsRequests ? new StrangerLines(log) : undefined;
  const begin = (request: Request, response: Response): Observation<EndedRequest> | undefined => {
    const observation = observer?.request?.(request);
    logRequest(log, options, strangers, observation, request, response);
    abandonUnreadBody(request, response);
    if (lifecycle.stopping) releaseConnection(response);
    return observation;
  };
  return (request: Request & InjectedRequest, response, next) => {
    // The request that a tool makes within the process belongs to its call, which is observed. Its path has arguments.
    const observation = injectionOf(request) ? undefined : begin(request, response);
    const problem = malformedRequest(request);
    if (problem !== undefined) refuse(response, problem);
    else if (observation?.run) observation.run(next);
    else next();
  };
}

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
