import type { IncomingHttpHeaders } from 'node:http';

import { SCOPE_TOKEN } from '../../config/scope-token.js';
import type { Principal } from '../../auth/principal.js';

/** The first revision whose clients add the scopes that they have to those that a challenge names. */
const JOINING_REVISION = '2026-07-28';

/** Never part of a challenge (MCP specification, authorization): clients ask for it by themselves. */
export const OFFLINE_ACCESS = 'offline_access';

/**
 * Scopes that a challenge has to name for the caller to keep them. Before 2026-07-28 clients ask for exactly the scopes
 * of a challenge, so that a step-up would take all others away.
 */
export function keptScopes({ scopes }: Principal, headers: IncomingHttpHeaders): readonly string[] {
  const revision = headers['mcp-protocol-version'];
  if (typeof revision === 'string' && revision >= JOINING_REVISION) return [];
  return scopes.filter((scope) => scope !== OFFLINE_ACCESS && SCOPE_TOKEN.test(scope));
}
