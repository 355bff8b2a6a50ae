import type { ServerResponse } from 'node:http';

import type { Reason } from './reason.js';

const REASON = Symbol('reason');
const TARGETS = Symbol('targets');
const MESSAGES = Symbol('messages');
const ERROR_CODE = Symbol('errorCode');

/** Names of the requested tools, resources and prompts; commas separate several names of a kind. */
export interface Targets {
  readonly tool?: string | undefined;
  readonly resource?: string | undefined;
  readonly prompt?: string | undefined;
  /** Returns the arguments of the request if it is a single call. They are personal: record a digest at most. */
  readonly input?: () => unknown;
  /** Returns the arguments that its tool lets be recorded, redacted. Pass those of {@link input}. */
  readonly recordable?: ((input: unknown) => Readonly<Record<string, unknown>> | undefined) | undefined;
}

/** JSON-RPC message as its client wrote it; a response to a question of the server has no method. */
export interface ReadMessage {
  readonly method: string | undefined;
  readonly body: unknown;
}

/** Response with the reason and targets for its log line. */
interface RefusedResponse {
  [REASON]?: Reason;
  [TARGETS]?: Targets;
  [MESSAGES]?: readonly ReadMessage[];
  [ERROR_CODE]?: number;
}

/** Sets the reason of a rejected request for the log. */
export function setReason(response: ServerResponse & RefusedResponse, reason: Reason): void {
  response[REASON] = reason;
}

/**
 * Sets the targets of a rejected request for the log.
 *
 * @param targets names of the catalog, never text from the request
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

/** Sets the JSON-RPC messages of a request. */
export function setMessages(
  response: ServerResponse & RefusedResponse,
  messages: readonly ReadMessage[],
): void {
  response[MESSAGES] = messages;
}

/** Returns the messages of a request; empty if none was read. */
export const readMessagesOf = (response: ServerResponse & RefusedResponse): readonly ReadMessage[] =>
  response[MESSAGES] ?? [];

/** Sets the code of a JSON-RPC error with which a request is answered. */
export function setErrorCode(response: ServerResponse & RefusedResponse, code: number): void {
  response[ERROR_CODE] = code;
}

/** Returns the code of the JSON-RPC error with which a request was answered, if any. */
export const errorCodeOf = (response: ServerResponse & RefusedResponse): number | undefined =>
  response[ERROR_CODE];
