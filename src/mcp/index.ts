/**
 * Public API for authors of tools, resources and prompts. Files under src/tools/ import from here and from
 * `database/index.js`, and from nowhere else in src/.
 */

// Declare what the server offers, see docs/writing-tools.md, docs/resources.md and docs/prompts.md.
export { type AuditOptions, McpTool, type McpToolOptions } from './decorators/mcp-tool.decorator.js';
export {
  type CompleteMethod,
  type ListedResource,
  McpResource,
  type McpResourceOptions,
} from './decorators/mcp-resource.decorator.js';
export { McpPrompt, type McpPromptOptions } from './decorators/mcp-prompt.decorator.js';
export { ExposeAsTool, type ExposeAsToolOptions } from './decorators/expose-as-tool.decorator.js';
export { fromOpenApi, openApiProblems } from './openapi/from-open-api.js';
export { configuredCredentials } from './openapi/configured-credentials.js';
export type {
  OpenApiMapping,
  OpenApiOptions,
  OperationMapping,
  ParameterMapping,
  ResponseMapping,
  Secret,
  Secrets,
  SecurityScheme,
  TagMapping,
  Upstream,
  UpstreamCredentials,
  UpstreamOptions,
} from './decorators/open-api-options.js';
export {
  ChatGptFetch,
  ChatGptSearch,
  type ChatGptToolOptions,
  type FetchedDocument,
  type SearchResults,
} from './decorators/chatgpt.decorators.js';
export { fromJsonSchema } from './decorators/from-json-schema.js';
export { fromDto } from './dto/from-dto.js';
export type { DtoOptions } from './dto/dto-options.js';
export { Redact, redacted } from './dto/redact.js';
export { leaveOut } from './decorators/offer-method.js';

// Restrict who may see and use it.
export type { AccessDeclaration, Visibility } from '../auth/access/access-rule.js';
export {
  RequireOrganization,
  RequirePermissions,
  RequireRoles,
  RequireScopes,
} from '../auth/access/require.decorators.js';

// Know the caller, see docs/tenants.md and docs/authorization.md.
export { type Claims, Principal } from '../auth/principal.js';
export type { ClaimSchemas, ClaimsOf } from '../auth/declared-claims.js';
export { Organization } from '../auth/organization.js';
export { Tenant } from './context/tenant.js';

// Talk to the client during a call, see docs/progress.md and docs/elicitation.md.
export {
  type CalledOffer,
  CallContext,
  type Elicited,
  type FormQuestion,
  type PageQuestion,
} from './context/call-context.js';
export { Interruption } from '../process/running-call.js';
export { ToolError } from '../tool-error.js';

// Change what the server offers while it runs, and tell clients about changes.
export { LiveCatalog, type Remove } from './catalog/live-catalog.js';
export { ResourceUpdates } from './events/resource-updates.js';
export type { Audience } from './context/audience.js';

// Read the settings of this deployment, see docs/settings.md.
export { settings } from '../config/settings.js';

// Observe requests, calls and errors, see docs/observability.md.
export type {
  Elicitation,
  EndedCall,
  EndedRequest,
  FailedCall,
  IssuedToken,
  Observation,
  ObservedCall,
  Observer,
  RefusedToken,
} from '../observation/observer.js';
