import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import { Refusal } from './invocation.service.js';

/** @throws {Refusal} unless the decision is to allow it */
export function requireAllowed(decision: Decision): void {
  switch (decision.outcome) {
    case 'allowed':
      return;
    case 'forbidden':
      throw new Refusal(decision.explanation, 'forbidden');
    case 'insufficient_scope': {
      // Where that has not been answered with HTTP 403 already.
      const { description } = new InsufficientScopeError(decision.scopes);
      throw new Refusal(`${description} Sign in again and grant what is missing.`, 'insufficient_scope');
    }
    default:
      decision satisfies never;
  }
}
