import type { ServerResponse } from 'node:http';

import type { Principal } from '../../auth/principal.js';
import { setReason, setTargets } from '../../logging/refused-response.js';
import { type AuthorizationService, namesOf, offerNames } from '../authorization/authorization.service.js';
import { isRecord } from '../../values/is-record.js';
import type { Message } from './message.js';

/**
 * Tells the log and the audit trail what a rejected request asks for: offers that its caller may know of, and, for an
 * auditor who wants to know who tried what, the arguments of a single call.
 */
export function recordTargets(messages: readonly Message[], response: ServerResponse): void {
  const [first, second] = messages.filter(({ asked }) => asked);
  const recordable = second ? undefined : first?.asked?.offer.recordable;
  const names = namesOf(messages);
  setTargets(
    response,
    recordable ? { ...names, arguments: () => recordable(argumentsIn(first?.body)) } : names,
  );
}

function argumentsIn(body: unknown): unknown {
  const params = isRecord(body) ? body['params'] : undefined;
  return isRecord(params) ? params['arguments'] : undefined;
}

/**
 * Tells the log and the audit trail that messages name offers that do not exist, that are hidden from the caller, or that
 * its client has not selected. The answer is the same for all, so only these records show who tries hidden ones.
 */
export function recordMissingTargets(
  messages: readonly Message[],
  principal: Principal,
  response: ServerResponse,
  authorization: Pick<AuthorizationService, 'offerAt' | 'mayKnow'>,
): void {
  if (messages.every(({ missing }) => !missing)) return;
  const missing = messages.flatMap((message) => message.missing ?? []);
  const existing = missing.flatMap((target) => authorization.offerAt(target) ?? []);
  const isHidden = existing.some((offer) => !authorization.mayKnow(principal, offer));
  setReason(response, isHidden ? 'hidden_target' : 'unknown_target');
  setTargets(response, offerNames(existing));
}
