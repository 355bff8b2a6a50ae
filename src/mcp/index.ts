// All that the author of a tool needs.
export type { AccessDeclaration, Visibility } from '../auth/access/access-rule.js';
export {
  RequireOrganization,
  RequirePermissions,
  RequireRoles,
  RequireScopes,
} from '../auth/access/require.decorators.js';
export { Organization } from '../auth/organization.js';
export { Principal } from '../auth/principal.js';
export { CallContext } from './context/call-context.js';
export { Tenant } from './context/tenant.js';
export { McpTool, type McpToolOptions } from './decorators/mcp-tool.decorator.js';
export { ToolError } from './tool-error.js';
