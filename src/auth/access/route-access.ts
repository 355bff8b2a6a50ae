import { ForbiddenError, InsufficientScopeError } from '../auth-errors.js';
import type { Principal } from '../principal.js';
import { AccessRule } from './access-rule.js';
import { accessDeclarationsOf } from './require.decorators.js';

/** Combines the declarations on a controller and on its handler. */
export const accessRuleOf = (controller: object, handler: object): AccessRule =>
  new AccessRule([...accessDeclarationsOf(controller), ...accessDeclarationsOf(handler)]);

/**
 * Checks the caller of a route.
 *
 * @throws {InsufficientScopeError} when the token lacks scopes
 * @throws {ForbiddenError} when the caller lacks something that no new token has
 */
export function requireAccess(rule: AccessRule, principal: Principal): void {
  const decision = rule.decide(principal);
  switch (decision.outcome) {
    case 'allowed':
      return;
    case 'insufficient_scope':
      throw new InsufficientScopeError(decision.scopes);
    case 'forbidden':
      throw new ForbiddenError(decision.explanation);
    default:
      decision satisfies never;
  }
}
