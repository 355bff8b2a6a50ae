import type { Request, Response } from 'express';

import { type AuthenticatedRequest, findPrincipal } from './auth/authenticated-request.js';
import type { Configuration } from './config/configuration.js';
import { clientAddress } from './logging/client-address.js';
import { begunCalls, type DescribedRequest, keepCalls, takeCalls, writeCall } from './logging/call-lines.js';
import { elapsedSince } from './logging/elapsed.js';
import { pathOf } from './http/malformed-request.js';
import { watchSent } from './http/watch-sent.js';
import type { LineLog } from './logging/line-log.js';
import { errorCodeOf, readMessagesOf, reasonOf, targetsOf } from './logging/refused-response.js';
import { isUnaccepted } from './logging/reason.js';
import { assignRequestId, type IdentifiedRequest, requestIdOf } from './logging/request-id.js';
import type { EndedRequest, Observation } from './observation/observer.js';
import type { StrangerLines } from './logging/stranger-lines.js';
import { isRecord } from './values/is-record.js';
import { waitedFor } from './values/wait-for-turn.js';

/** Maximum length of a path in the log. A stranger may send paths of 16 KB. */
const MAX_PATH_LENGTH = 200;

/**
 * Logs one line when a request ends, returns the request id to the client in `X-Request-Id`, and tells observers.
 *
 * @param strangers limits the lines for requests without a verified token; undefined for neither lines nor ids
 */
export function logRequest(
  log: LineLog,
  { withIssuer, separate }: Configuration['log'],
  strangers: StrangerLines | undefined,
  observation: Observation<EndedRequest> | undefined,
  request: Request & AuthenticatedRequest & IdentifiedRequest & DescribedRequest,
  response: Response,
): void {
  const start = performance.now() - waitedFor(request);
  const requestId = strangers ? assignRequestId(request) : requestIdOf(request);
  if (strangers) {
    response.setHeader('X-Request-Id', requestId);
    keepCalls(request);
  }
  // Read the address now, because a closed connection no longer has one.
  const address = clientAddress(request);
  const path = pathOf(request.originalUrl).slice(0, MAX_PATH_LENGTH);
  const isSent = watchSent(response);
  response.on('close', () => {
    const principal = findPrincipal(request);
    const calls = takeCalls(request);
    const [call] = calls;
    const begun = begunCalls(request);
    const { statusCode: status, headersSent: isAnswered } = response;
    const isAborted = !isSent();
    const messages = readMessagesOf(response);
    const targets = targetsOf(response);
    const refusedFor = reasonOf(response);
    // A probe of an instance that is not ready gets an answer. Observers count and audit refusals only.
    const isNotReady = refusedFor === 'http_503' && isHealthPath(path);
    const durationMs = elapsedSince(start);
    observation?.end({
      requestId,
      httpMethod: request.method,
      path,
      route: routeOf(request),
      status,
      isUnanswered: !isAnswered,
      address,
      principal,
      messages,
      targets,
      reason: isNotReady ? undefined : refusedFor,
      errorCode: errorCodeOf(response),
      isAborted,
      calls: begun,
      durationMs,
      traceId: observation.logFields?.['trace_id'],
    });
    if (!strangers) return;
    const outcome = {
      path,
      status: isAnswered ? status : undefined,
      address,
      aborted: isAborted || undefined,
      ...observation?.logFields,
    };
    if (call && calls.length === 1 && begun <= 1 && messages.length === 1 && !separate) {
      const { fields, hasLine } = call;
      const isPlain = !isAborted && refusedFor === undefined && observation?.logFields === undefined;
      if (hasLine && isPlain) return;
      writeCall(log, {
        ...outcome,
        ...fields,
        reason: fields['reason'] ?? refusedFor,
        requestMs: durationMs,
      });
      return;
    }
    for (const { fields, hasLine } of calls) if (!hasLine) writeCall(log, fields);
    const isHealth = isHealthPath(path);
    // The holder of a revoked token may be anybody.
    const isStranger = !principal || isUnaccepted(refusedFor);
    if (isStranger && !isHealth && !strangers.admit(address, refusedFor)) return;
    // Undefined fields are omitted.
    const line = {
      requestId,
      method: request.method,
      ...outcome,
      issuer: withIssuer ? principal?.issuer : undefined,
      subject: principal?.subject,
      clientId: principal?.clientId,
      organizationId: principal?.organizationId,
      tool: targets?.tool,
      resource: targets?.resource,
      prompt: targets?.prompt,
      reason: refusedFor,
      durationMs,
    };
    log[isHealth ? 'debug' : 'info'](line, 'request');
  });
}

/**
 * Returns the registered path that a request has matched. Below a mounted router, there is none: the text before it is
 * that of the client.
 */
function routeOf({
  baseUrl,
  route,
}: Pick<Request, 'baseUrl'> & { readonly route?: unknown }): string | undefined {
  const path = baseUrl === '' && isRecord(route) ? route['path'] : undefined;
  return typeof path === 'string' ? path : undefined;
}

const isHealthPath = (path: string): boolean => path === '/health' || path.startsWith('/health/');
