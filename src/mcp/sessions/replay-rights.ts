import { InsufficientScopeError } from '../../auth/auth-errors.js';
import type { Principal } from '../../auth/principal.js';
import { keptScopes, OFFLINE_ACCESS } from '../authorization/kept-scopes.js';
import { JsonRpcError, REFUSED } from '../transport/json-rpc-error.js';

/**
 * Checks that a token may get what a call with an earlier token of the same caller was answered. It may if it grants
 * all that the earlier one granted, `offline_access` aside: an answer may depend on anything that its token granted.
 *
 * @throws {InsufficientScopeError} naming the scopes that it lacks
 * @throws {JsonRpcError} 400, as if there was no such event, when it lacks what no challenge can name
 */
export function requireRights(principal: Principal, earlier: Principal): void {
  const missing = keptScopes(earlier, {}).filter((scope) => !principal.hasScopes([scope]));
  if (missing.length > 0) throw new InsufficientScopeError(missing, keptScopes(principal, {}));
  const hasAll =
    earlier.scopes.every((scope) => scope === OFFLINE_ACCESS || principal.hasScopes([scope])) &&
    earlier.roles.every((role) => principal.roles.includes(role)) &&
    earlier.permissions.every((permission) => principal.permissions.includes(permission));
  if (!hasAll) throw unknownEvent();
}

export const unknownEvent = (): JsonRpcError =>
  new JsonRpcError('unknown_event', 400, REFUSED, 'The session has no such event, or no longer.');
