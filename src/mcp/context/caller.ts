import { Organization } from '../../auth/organization.js';
import type { Principal } from '../../auth/principal.js';
import { ToolError } from '../../tool-error.js';

/**
 * Returns the organization of a caller.
 *
 * @throws {ToolError} when the access token has no organization
 */
export function organizationOf(principal: Principal): Organization {
  if (principal.organizationId === undefined) {
    throw new ToolError(
      'This needs an organization, but your access token has none. Sign in to an organization.',
    );
  }
  return new Organization(principal.organizationId);
}
