import type { AuthInfo } from '@modelcontextprotocol/server';

import type { Principal } from '../../auth/principal.js';

/** What the SDK may know of the caller. Not the token: it goes no further than the guard. */
export function authInfoOf(principal: Principal): AuthInfo {
  return {
    token: '',
    clientId: principal.clientId ?? principal.subject,
    scopes: [...principal.scopes],
    expiresAt: principal.expiresAt,
  };
}
