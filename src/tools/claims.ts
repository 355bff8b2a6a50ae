import type { ClaimSchemas } from '../mcp/index.js';

/**
 * Further claims of access tokens that the tools of this deployment read, each with its schema. See
 * docs/authorization.md.
 */
export const CLAIMS = {} satisfies ClaimSchemas;
