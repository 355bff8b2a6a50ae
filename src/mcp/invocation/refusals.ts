import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import { Refusal } from './invocation.service.js';

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
