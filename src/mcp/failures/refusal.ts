import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import type { CallReason } from './call-reason.js';

/** Thrown when a call is refused for a reason that the caller may know. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  /** @param reason reason code for the log */
  constructor(
    message: string,
    readonly reason: CallReason,
  ) {
    super(message);
  }
}

/** @throws {Refusal} unless the decision is `allowed` */
export function requireAllowed(decision: Decision): void {
  switch (decision.outcome) {
    case 'allowed':
      return;
    case 'forbidden':
      throw new Refusal(decision.explanation, 'forbidden');
    case 'insufficient_scope': {
      // Reached only if the request has not been answered with HTTP 403.
      const { description } = new InsufficientScopeError(decision.scopes);
      throw new Refusal(`${description} Sign in again and grant the missing scopes.`, 'insufficient_scope');
    }
    default:
      decision satisfies never;
  }
}
