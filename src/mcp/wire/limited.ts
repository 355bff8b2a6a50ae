import type { CrowdedBy } from '../../limits/calls-in-flight.js';
import type { Reason } from '../../logging/reason.js';
import { JsonRpcError, REFUSED } from './json-rpc-error.js';

/** HTTP status, and words for the message, by who has taken all places. */
export const TAKEN_BY: Readonly<Record<CrowdedBy, readonly [status: number, scope: string]>> = {
  caller: [429, 'from you'],
  organization: [429, 'from your organization'],
  instance: [503, 'on this server'],
};

/** Creates the error for a limit that is reached. */
export function limited(
  reason: Reason,
  status: number,
  message: string,
  {
    retryAfter,
    id,
    limit = reason.replace(':', '_'),
  }: {
    /** Seconds. */
    readonly retryAfter: number;
    /** ID of the request that the error answers; by default none. */
    readonly id?: string | number | null;
    /** Name of the limit for programs; by default that of the reason. */
    readonly limit?: string;
  },
): JsonRpcError {
  const headers = { 'Retry-After': `${retryAfter}` };
  const details = { data: { limit, retryAfter }, ...(id !== undefined && { id }) };
  return new JsonRpcError(reason, status, REFUSED, message, headers, details);
}
