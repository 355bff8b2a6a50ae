import type { ServerResponse } from 'node:http';

import { setReason, setTargets } from '../../logging/refused-response.js';
import { type AuthorizationService, offerNames } from '../authorization/authorization.service.js';
import { targetOf } from '../wire/messages.js';
import type { Message } from './message.js';

/**
 * Tells the log and the audit trail that messages name offers that do not exist, or that are hidden from the caller. The
 * answer is the same for both, so only these records show who tries hidden ones.
 */
export function recordMissingTargets(
  messages: readonly Message[],
  response: ServerResponse,
  authorization: Pick<AuthorizationService, 'offerAt'>,
): void {
  if (messages.every(({ asked }) => asked)) return;
  const missing = messages.flatMap(({ body, asked }) => (asked ? [] : (targetOf(body) ?? [])));
  if (missing.length === 0) return;
  const hidden = missing.flatMap((target) => authorization.offerAt(target) ?? []);
  setReason(response, hidden.length > 0 ? 'hidden_target' : 'unknown_target');
  setTargets(response, offerNames(hidden));
}
