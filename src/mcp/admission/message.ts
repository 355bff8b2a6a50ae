import type { Asked } from '../authorization/authorization.service.js';
import { answerId, methodOf, type Target, targetOf } from '../wire/messages.js';
import { dropNullArguments } from '../wire/null-arguments.js';

/** Message with its method and its target. */
export interface Message {
  readonly body: unknown;
  /** Method; undefined for a response. */
  readonly method: string | undefined;
  /** Requested tool, resource or prompt; undefined if it does not exist, or the sender may not know of it. */
  readonly asked: Asked | undefined;
}

/**
 * Reads a message. Removes nulls that stand for absent members.
 *
 * @param find returns the target, if the sender may know of it
 */
export function readMessage(body: unknown, find: (target: Target) => Asked | undefined): Message {
  dropNullArguments(body);
  const target = targetOf(body);
  return { body, method: methodOf(body), asked: target && find(target) };
}

/** Returns the ID for an error response to a whole body: the ID of a single request, or null. */
export const answerIdOf = (messages: readonly Message[]): string | number | null =>
  messages.length === 1 ? answerId(messages[0]?.body) : null;
