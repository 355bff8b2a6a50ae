import type { ServerResponse } from 'node:http';

import type { Principal } from '../../auth/principal.js';
import { setReason, setTargets, type Targets } from '../../logging/refused-response.js';
import { type AuthorizationService, namesOf, offerNames } from '../authorization/authorization.service.js';
import type { Offer } from '../catalog/offer.js';
import { recordIn } from '../../values/record-in.js';
import type { Message } from './message.js';

/**
 * Tells the log and the audit trail what a rejected request asks for: offers that its caller may know of, and, for an
 * auditor who wants to know who tried what, the arguments of a single call.
 */
export function recordTargets(messages: readonly Message[], response: ServerResponse): void {
  const [first, second] = messages.filter(({ asked }) => asked);
  setTargets(response, {
    ...namesOf(messages),
    ...(first?.asked && !second && argumentsOf(first, first.asked.offer)),
  });
}

/** Returns the arguments of a call, or the URI of a resource. A hidden tool that `call_tool` names has none, because the message is not its own. */
function argumentsOf(
  { body }: Message,
  { kind, name, recordable }: Offer,
): Pick<Targets, 'input' | 'recordable'> {
  const params = recordIn(recordIn(body)['params']);
  const { uri } = params;
  // The URI, as for a read that is served. A completion has none.
  if (kind === 'resource') return typeof uri === 'string' ? { input: () => uri } : {};
  if (params['name'] !== name) return {};
  return { input: () => params['arguments'], recordable };
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
  const existing = messages.flatMap((message) => {
    const offer = message.missing && authorization.offerAt(message.missing);
    return offer ? [{ message, offer }] : [];
  });
  const offers = existing.map(({ offer }) => offer);
  const isHidden = offers.some((offer) => !authorization.mayKnow(principal, offer));
  setReason(response, isHidden ? 'hidden_target' : 'unknown_target');
  const [first] = messages.length === 1 ? existing : [];
  setTargets(response, { ...offerNames(offers), ...(first && argumentsOf(first.message, first.offer)) });
}
