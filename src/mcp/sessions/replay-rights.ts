import { ForbiddenError, InsufficientScopeError } from '../../auth/auth-errors.js';
import type { Principal } from '../../auth/principal.js';
import { OFFLINE_ACCESS } from '../../oauth/sign-in-scopes.js';
import { keptScopes } from '../authorization/kept-scopes.js';
import { JsonRpcError, REFUSED } from '../wire/json-rpc-error.js';

/**
 * Verifies that a token may continue a call that the same caller made with an earlier token: receive its response, or
 * answer its questions. The token must grant everything that the earlier one granted, except `offline_access`, and have
 * the same declared claims: what the call does may depend on any of them.
 *
 * @throws {InsufficientScopeError} with the missing scopes
 * @throws {ForbiddenError} when a challenge cannot name the missing grants
 */
export function requireRights(principal: Principal, earlier: Principal): void {
  const missing = keptScopes(earlier, {}).filter((scope) => !principal.hasScopes([scope]));
  if (missing.length > 0) throw new InsufficientScopeError(missing, keptScopes(principal, {}));
  const hasAll =
    earlier.scopes.every((scope) => scope === OFFLINE_ACCESS || principal.hasScopes([scope])) &&
    earlier.roles.every((role) => principal.roles.includes(role)) &&
    earlier.permissions.every((permission) => principal.permissions.includes(permission)) &&
    principal.hasClaimsOf(earlier);
  if (!hasAll) {
    throw new ForbiddenError(
      'Your token lacks rights or claims of the token that made the call. Use a token with the same ones, or repeat the call.',
    );
  }
}

export const unknownEvent = (): JsonRpcError =>
  new JsonRpcError(
    'unknown_event',
    400,
    REFUSED,
    'The event is unknown or has expired. Reconnect without Last-Event-ID.',
  );
