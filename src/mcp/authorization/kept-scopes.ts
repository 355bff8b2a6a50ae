import type { IncomingHttpHeaders } from 'node:http';

import { SCOPE_TOKEN } from '../../oauth/scope-token.js';
import { OFFLINE_ACCESS } from '../../oauth/sign-in-scopes.js';
import type { Principal } from '../../auth/principal.js';

/** First revision whose clients add their current scopes to those of a challenge. */
const JOINING_REVISION = '2026-07-28';

/**
 * Returns the scopes that a challenge must include so that the caller keeps them. Before 2026-07-28, clients request
 * exactly the scopes of a challenge, so a step-up would drop all others.
 */
export function keptScopes({ scopes }: Principal, headers: IncomingHttpHeaders): readonly string[] {
  const revision = headers['mcp-protocol-version'];
  if (typeof revision === 'string' && revision >= JOINING_REVISION) return [];
  return scopes.filter((scope) => scope !== OFFLINE_ACCESS && SCOPE_TOKEN.test(scope));
}
