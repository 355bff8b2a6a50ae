import type { AuthInfo } from '@modelcontextprotocol/server';

import type { Principal } from '../../auth/principal.js';

/** Describes the caller for the SDK, without the token, which never leaves the guard. */
export function authInfoOf(principal: Principal): AuthInfo {
  return {
    token: '',
    clientId: principal.clientId ?? principal.subject,
    scopes: [...principal.scopes],
    expiresAt: principal.expiresAt,
  };
}
