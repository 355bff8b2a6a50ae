import type { ServerResponse } from 'node:http';

import type { Reason } from './reason.js';

const REASON = Symbol('reason');
const TARGETS = Symbol('targets');

/** The names of what a request asked for, by kind; several of a kind are separated by commas. */
export interface Targets {
  readonly tool?: string | undefined;
  readonly resource?: string | undefined;
  readonly prompt?: string | undefined;
}

/** A response whose line in the log says why the request was refused. */
interface RefusedResponse {
  [REASON]?: Reason;
  [TARGETS]?: Targets;
}

/** Has the log say why a request is refused. */
export function setReason(response: ServerResponse & RefusedResponse, reason: Reason): void {
  response[REASON] = reason;
}

/**
 * Has the log say what a refused request asked for.
 *
 * @param targets names from the catalog that the caller may know, never text from the request
 */
export function setTargets(response: ServerResponse & RefusedResponse, targets: Targets): void {
  response[TARGETS] = targets;
}

/** Why a request was refused; a response that failed for a reason nobody gave has its status. */
export function reasonOf(response: ServerResponse & RefusedResponse): Reason | undefined {
  const { statusCode } = response;
  return response[REASON] ?? (statusCode < 400 ? undefined : `http_${statusCode}`);
}

/** What a refused request asked for, where that is known. */
export const targetsOf = (response: ServerResponse & RefusedResponse): Targets | undefined =>
  response[TARGETS];
