import type { Response } from 'express';

import { type Allowance, refusalOf, retryAfterOf } from '../../limits/allowance.js';
import type { CrowdedBy } from '../../limits/calls-in-flight.js';
import { JsonRpcError, REFUSED } from '../wire/json-rpc-error.js';
import { limited, TAKEN_BY } from '../wire/limited.js';
import { answerIdOf, type Message } from './message.js';

/**
 * Sets the headers of draft-ietf-httpapi-ratelimit-headers-07, which clients support.
 *
 * @throws {JsonRpcError} 429 when a budget refuses
 */
export function announce(
  allowance: Allowance | undefined,
  response: Response,
  messages: readonly Message[],
): void {
  if (!allowance) return;
  const { charge, refused, remaining, reset } = allowance;
  response.setHeader('RateLimit-Limit', String(charge.rate.points));
  response.setHeader('RateLimit-Remaining', String(remaining));
  response.setHeader('RateLimit-Reset', String(reset));
  if (!refused) return;
  const { limit } = charge;
  const retryAfter = retryAfterOf(allowance);
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  const details = { data: { limit, retryAfter }, id: answerIdOf(messages) };
  throw new JsonRpcError(`rate_limited:${limit}`, 429, REFUSED, refusalOf(allowance), headers, details);
}

/** Creates the error for too many calls in flight. */
export function crowded(by: CrowdedBy, messages: readonly Message[]): JsonRpcError {
  const [status, scope] = TAKEN_BY[by];
  const message = `Too many calls ${scope} are in flight. Try again shortly.`;
  return limited(`in_flight:${by}`, status, message, { retryAfter: 1, id: answerIdOf(messages) });
}

/** Creates the error for a tool with too many stuck calls. */
export const stuckTool = (name: string, messages: readonly Message[]): JsonRpcError =>
  limited('stuck', 503, `Too many calls of the tool ${name} are stuck. Try again later.`, {
    retryAfter: 1,
    id: answerIdOf(messages),
  });

/** Creates the error for calls that the audit trail could not record. */
export const unrecorded = (messages: readonly Message[]): JsonRpcError =>
  limited('unrecorded', 503, 'Calls cannot be recorded at the moment. Try again later.', {
    retryAfter: 5,
    id: answerIdOf(messages),
  });
