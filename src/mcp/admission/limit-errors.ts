import type { Response } from 'express';

import { type Allowance, headersOf, refusalOf } from '../../limits/allowance.js';
import type { CrowdedBy } from '../../limits/calls-in-flight.js';
import { JsonRpcError, REFUSED } from '../wire/json-rpc-error.js';
import { answerIdOf, type Message } from './message.js';

/** `Retry-After`, seconds. */
const RETRY_AFTER = 1;
const RETRY_HEADERS = { 'Retry-After': String(RETRY_AFTER) };

/**
 * Sets the rate limit headers.
 *
 * @throws {JsonRpcError} 429 when a budget refuses
 */
export function announce(
  allowance: Allowance | undefined,
  response: Response,
  messages: readonly Message[],
): void {
  if (!allowance) return;
  const headers = headersOf(allowance);
  if (allowance.refused) {
    const { limit } = allowance.charge;
    const details = { data: { limit, retryAfter: allowance.reset }, id: answerIdOf(messages) };
    throw new JsonRpcError(`rate_limited:${limit}`, 429, REFUSED, refusalOf(allowance), headers, details);
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

const CROWDED: Readonly<Record<CrowdedBy, [status: number, scope: string]>> = {
  caller: [429, 'from you'],
  organization: [429, 'from your organization'],
  instance: [503, 'on this server'],
};

/** Creates the error for too many calls in flight. */
export function crowded(by: CrowdedBy, messages: readonly Message[]): JsonRpcError {
  const [status, scope] = CROWDED[by];
  return new JsonRpcError(
    `in_flight:${by}`,
    status,
    REFUSED,
    `Too many calls ${scope} are in flight. Try again shortly.`,
    RETRY_HEADERS,
    { data: { limit: `in_flight_${by}`, retryAfter: RETRY_AFTER }, id: answerIdOf(messages) },
  );
}

/** Creates the error for a tool with too many stuck calls. */
export const stuckTool = (name: string, messages: readonly Message[]): JsonRpcError =>
  new JsonRpcError(
    'stuck',
    503,
    REFUSED,
    `Too many calls of the tool ${name} are stuck. Try again later.`,
    RETRY_HEADERS,
    { data: { limit: 'stuck', retryAfter: RETRY_AFTER }, id: answerIdOf(messages) },
  );

/** Creates the error for calls that the audit trail could not record. */
export const unrecorded = (messages: readonly Message[]): JsonRpcError =>
  new JsonRpcError(
    'unrecorded',
    503,
    REFUSED,
    'Calls cannot be recorded at the moment. Try again later.',
    { 'Retry-After': '5' },
    { data: { limit: 'unrecorded', retryAfter: 5 }, id: answerIdOf(messages) },
  );
