import type { Principal } from '../auth/principal.js';

/** What the log says of a caller. */
export function callerFields({ subject, clientId, organizationId }: Principal): Record<string, unknown> {
  return { subject, clientId, organizationId };
}
