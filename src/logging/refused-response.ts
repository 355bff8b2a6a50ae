import type { ServerResponse } from 'node:http';

import type { Reason } from './reason.js';

const REASON = Symbol('reason');
const TARGETS = Symbol('targets');

/** Names of the requested tools, resources and prompts; commas separate several names of a kind. */
export interface Targets {
  readonly tool?: string | undefined;
  readonly resource?: string | undefined;
  readonly prompt?: string | undefined;
}

/** Response with the reason and targets for its log line. */
interface RefusedResponse {
  [REASON]?: Reason;
  [TARGETS]?: Targets;
}

/** Sets the reason of a rejected request for the log. */
export function setReason(response: ServerResponse & RefusedResponse, reason: Reason): void {
  response[REASON] = reason;
}

/**
 * Sets the targets of a rejected request for the log.
 *
 * @param targets catalog names that the caller may see, never text from the request
 */
export function setTargets(response: ServerResponse & RefusedResponse, targets: Targets): void {
  response[TARGETS] = targets;
}

/** Returns the reason of a rejected request. Falls back to the status for a failed response without a reason. */
export function reasonOf(response: ServerResponse & RefusedResponse): Reason | undefined {
  const { statusCode } = response;
  return response[REASON] ?? (statusCode < 400 ? undefined : `http_${statusCode}`);
}

/** Returns the targets of a rejected request, if known. */
export const targetsOf = (response: ServerResponse & RefusedResponse): Targets | undefined =>
  response[TARGETS];
