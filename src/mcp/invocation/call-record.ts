import { elapsedSince } from '../../logging/elapsed.js';
import { clientAddress } from '../../logging/client-address.js';
import type { CallFields } from '../../logging/call-lines.js';
import { requestIdOf } from '../../logging/request-id.js';
import type { EndedCall, ObservedCall } from '../../observation/observer.js';
import type { RunningCall } from '../../process/running-call.js';
import { ruleOf } from '../failures/call-reason.js';
import type { Call, Outcome } from './call.js';

type Fields = RunningCall['fields'];

/**
 * Returns the fields that identify a call in log lines. The logger omits undefined fields.
 *
 * @param further fields of an observation
 */
export function fieldsOf(
  { method, offer: { kind, name }, request: { principal, request } }: Call,
  withIssuer: boolean,
  further: Fields | undefined,
): Fields {
  return {
    requestId: requestIdOf(request),
    ...further,
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

/** Describes a call to its observer. */
export const observed = ({ method, offer, request, channel, input }: Call): ObservedCall => ({
  requestId: requestIdOf(request.request),
  method,
  kind: offer.kind,
  name: offer.name,
  principal: request.principal,
  address: clientAddress(request.request),
  input,
  recordable: offer.recordable,
  meta: channel.meta,
});

/**
 * Returns the log fields of a call that has ended. The logger omits undefined fields.
 *
 * @param fields fields that identify the call
 * @param start start of the call, on the clock of `performance.now()`
 */
export function recordOf(
  fields: Fields,
  outcome: Outcome<unknown>,
  start: number,
): CallFields & Omit<EndedCall, 'isUnexpected'> {
  const failure = 'failure' in outcome ? outcome.failure : undefined;
  return {
    ...fields,
    outcome: 'result' in outcome ? 'ok' : failure ? ruleOf(failure.reason).outcome : 'input_required',
    reason: failure?.reason,
    correlationId: failure?.correlationId,
    error: failure?.error,
    durationMs: elapsedSince(start),
  };
}
