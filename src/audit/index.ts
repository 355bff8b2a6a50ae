// Public interface of `aerie-mcp/audit`.
export type { Audit } from './start-audit.js';
export { startAuditTrail } from './start-audit-trail.js';
