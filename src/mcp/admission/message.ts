import type { Principal } from '../../auth/principal.js';
import type { Cost } from '../../limits/charge.js';
import { isRecord } from '../../values/is-record.js';
import type { Asked, AuthorizationService } from '../authorization/authorization.service.js';
import type { ToolSelection } from '../context/tool-selection.js';
import { answerId, methodOf, targetOf } from '../wire/messages.js';
import { dropNullArguments } from '../wire/null-arguments.js';

/** Message with its method and its target. */
export interface Message {
  readonly body: unknown;
  /** Method; undefined for a response. */
  readonly method: string | undefined;
  /** Requested tool, resource or prompt; undefined if it does not exist, or the sender may not know of it. */
  readonly asked: Asked | undefined;
}

/** Reads a message, and finds its target. Removes nulls that stand for absent members. */
export function readMessage(
  body: unknown,
  sender: Principal,
  authorization: AuthorizationService,
  selection?: ToolSelection,
): Message {
  dropNullArguments(body);
  const target = targetOf(body);
  return { body, method: methodOf(body), asked: target && authorization.find(sender, target, selection) };
}

/** Returns the ID for an error response to a whole body: the ID of a single request, or null. */
export const answerIdOf = (messages: readonly Message[]): string | number | null =>
  messages.length === 1 ? answerId(messages[0]?.body) : null;

/** Cost of any message that does not call a known tool. */
const ORDINARY: Cost = { points: 1 };

/** Returns the cost of a message in the limits on rates. */
export function costOf({ asked }: Message): Cost {
  if (asked?.kind !== 'tool') return ORDINARY;
  const { name, cost, rate } = asked.offer;
  return { points: cost, tool: { name, rate } };
}

/**
 * Whether a message takes a place among the calls in flight. An answer to a question of the server does not, nor does a
 * notification of an existing call.
 */
export const takesPlace = ({ body, method }: Message): boolean =>
  method !== undefined &&
  (hasId(body) || (method !== 'notifications/cancelled' && method !== 'notifications/initialized'));

const hasId = (body: unknown): boolean => isRecord(body) && 'id' in body;
