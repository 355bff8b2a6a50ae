import type { Secrets, UpstreamCredentials } from '../decorators/open-api-options.js';

/**
 * Sends the service's own secrets, the same for all callers.
 *
 * @param secrets secrets by the names of the document's security schemes
 * @example
 * ```ts
 * credentials: configuredCredentials({ bearerAuth: settings.BILLING_TOKEN })
 * ```
 */
export const configuredCredentials = (secrets: Secrets): UpstreamCredentials => ({
  schemes: Object.keys(secrets).filter((name) => secrets[name] !== undefined && secrets[name] !== ''),
  credentialsFor: () => secrets,
});
