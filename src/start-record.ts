import type { Configuration } from './config/configuration.js';
import type { CatalogService } from './mcp/catalog/catalog.service.js';
import { LEGACY_REVISIONS, MODERN_REVISION } from './mcp/wire/revisions.js';
import { VERSION } from './version.js';

/** Revisions with Streamable HTTP. The SDK also accepts older revisions, whose clients use HTTP+SSE. */
const STREAMABLE = [...LEGACY_REVISIONS].filter((revision) => revision >= '2025');

/** Returns the fields of the log line for a successful start. */
export function startRecord(
  configuration: Configuration,
  { current: catalog, warnings: ofCatalog }: Pick<CatalogService, 'current' | 'warnings'>,
  signInScopes: readonly string[],
): Record<string, unknown> {
  const { http, resource, sessions, scalekit, devIssuer, ownKeys, demoTools, warnings } = configuration;
  return {
    version: VERSION,
    address: `${http.host}:${http.port}`,
    resource: resource.url,
    eras: [MODERN_REVISION, ...STREAMABLE, ...(sessions.sse ? ['2024-11-05'] : [])],
    authModes: [
      ...(scalekit ? [devIssuer ? 'embedded issuer' : 'scalekit'] : []),
      ...(ownKeys ? ['jwt'] : []),
    ],
    signInScopes,
    tools: catalog.tools.length,
    demoTools,
    resources: catalog.resources.length + catalog.templates.length,
    prompts: catalog.prompts.length,
    warnings: warnings.length + ofCatalog.length,
  };
}
