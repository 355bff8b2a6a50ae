import { logCall } from '../../logging/call-lines.js';
import { elapsedSince } from '../../logging/elapsed.js';
import type { LineLog } from '../../logging/line-log.js';
import { requestIdOf } from '../../logging/request-id.js';
import type { RunningCall } from '../../process/running-call.js';
import { ruleOf } from '../failures/call-reason.js';
import type { Call, Outcome } from './call.js';

type Fields = RunningCall['fields'];

/** Returns the fields that identify a call in log lines. The logger omits undefined fields. */
export function fieldsOf(
  { method, offer: { kind, name }, request: { principal, request } }: Call,
  withIssuer: boolean,
): Fields {
  return {
    requestId: requestIdOf(request),
    issuer: withIssuer ? principal.issuer : undefined,
    subject: principal.subject,
    clientId: principal.clientId,
    organizationId: principal.organizationId,
    method,
    tool: kind === 'tool' ? name : undefined,
    resource: kind === 'resource' ? name : undefined,
    prompt: kind === 'prompt' ? name : undefined,
  };
}

/**
 * Logs the outcome of a call.
 *
 * @param fields fields that identify the call
 * @param start start of the call, on the clock of `performance.now()`
 */
export function recordCall(
  log: LineLog,
  { request: { request } }: Pick<Call, 'request'>,
  fields: Fields,
  outcome: Outcome<unknown>,
  start: number,
): void {
  const failure = 'failure' in outcome ? outcome.failure : undefined;
  // The logger omits undefined fields.
  logCall(log, request, {
    ...fields,
    outcome: 'result' in outcome ? 'ok' : failure ? ruleOf(failure.reason).outcome : 'input_required',
    reason: failure?.reason,
    correlationId: failure?.correlationId,
    error: failure?.error,
    durationMs: elapsedSince(start),
  });
}
