import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import { Refusal } from './invocation.service.js';

/** A call without its scopes, where that is not answered with HTTP 403. */
export class ScopesMissing extends Refusal {
  constructor(readonly error: InsufficientScopeError) {
    super(`${error.description} Sign in again and grant what is missing.`, 'insufficient_scope');
  }
}

/** @throws {Refusal} unless the decision is to allow it */
export function requireAllowed(decision: Decision): void {
  switch (decision.outcome) {
    case 'allowed':
      return;
    case 'forbidden':
      throw new Refusal(decision.explanation, 'forbidden');
    case 'insufficient_scope':
      throw new ScopesMissing(new InsufficientScopeError(decision.scopes));
    default:
      decision satisfies never;
  }
}
