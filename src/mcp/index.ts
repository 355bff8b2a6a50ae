// Public API for authors of tools, resources and prompts.
export type { AccessDeclaration, Visibility } from '../auth/access/access-rule.js';
export {
  RequireOrganization,
  RequirePermissions,
  RequireRoles,
  RequireScopes,
} from '../auth/access/require.decorators.js';
export { Organization } from '../auth/organization.js';
export { Principal } from '../auth/principal.js';
export { Tenant } from './context/tenant.js';
export type { Audience } from './context/audience.js';
export { CallContext, type Elicited, type FormQuestion, type PageQuestion } from './context/call-context.js';
export { LiveCatalog, type Remove } from './catalog/live-catalog.js';
export { McpPrompt, type McpPromptOptions } from './decorators/mcp-prompt.decorator.js';
export {
  type CompleteMethod,
  type ListedResource,
  McpResource,
  type McpResourceOptions,
} from './decorators/mcp-resource.decorator.js';
export { McpTool, type McpToolOptions } from './decorators/mcp-tool.decorator.js';
export { leaveOut } from './decorators/offer-method.js';
export { ResourceUpdates } from './events/resource-updates.js';
export { ToolError } from '../tool-error.js';
export { fromJsonSchema } from './decorators/from-json-schema.js';
