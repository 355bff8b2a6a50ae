import { createApplication } from '../../application.js';
import { ProtectedResource } from '../../auth/protected-resource.js';
import type { Configuration } from '../../config/configuration.js';
import { CatalogService } from '../../mcp/catalog/catalog.service.js';
import { providerOf } from '../../routes/provider-of.js';

/** Scopes that the server uses. */
export interface CatalogScopes {
  /** Scopes that a first sign-in requests. */
  readonly signIn: readonly string[];
  /** All scopes, including those of secret tools. */
  readonly known: readonly string[];
}

/**
 * Collects the scopes of all tools, resources and prompts without starting the server.
 *
 * @throws {Error} when the server would not start either
 */
export async function catalogScopes(configuration: Configuration): Promise<CatalogScopes> {
  const application = await createApplication({
    ...configuration,
    redis: undefined,
    devIssuer: undefined,
    log: { ...configuration.log, level: 'silent' },
  });
  try {
    providerOf(application, CatalogService).onModuleInit();
    const { signInScopes, grantableScopes } = providerOf(application, ProtectedResource);
    return { signIn: signInScopes, known: grantableScopes };
  } finally {
    await application.close();
  }
}
