import type { IssuerUrls } from './issuer-urls.js';
import type { TargetResource } from './target-resource.js';
import { OIDC_SCOPES } from './scopes.js';

/** Client authentication methods at the token endpoint (OpenID Connect Core §9). */
export const TOKEN_ENDPOINT_AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post'] as const;

/** Returns the metadata of the resource's own authorization server (RFC 8414 §2). */
export function resourceServerMetadata(urls: IssuerUrls, resource: TargetResource): object {
  return {
    issuer: urls.resourceIssuer,
    authorization_endpoint: `${urls.resourceIssuer}/oauth/authorize`,
    token_endpoint: `${urls.resourceIssuer}/oauth/token`,
    revocation_endpoint: `${urls.resourceIssuer}/oauth/revoke`,
    registration_endpoint: `${urls.environment}${urls.registrationPath}`,
    jwks_uri: `${urls.environment}/keys`,
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    response_types_supported: ['code'],
    scopes_supported: [...OIDC_SCOPES, ...resource.scopes()],
    token_endpoint_auth_methods_supported: TOKEN_ENDPOINT_AUTH_METHODS,
  };
}

/**
 * Returns the environment's metadata (RFC 8414 §2, OpenID Connect Discovery §3).
 *
 * It names the resource's registration endpoint because Gemini CLI looks for one at the origin of the issuer first.
 */
export function environmentMetadata(urls: IssuerUrls): object {
  return {
    issuer: urls.environment,
    authorization_endpoint: `${urls.environment}/oauth/authorize`,
    token_endpoint: `${urls.environment}/oauth/token`,
    registration_endpoint: `${urls.environment}${urls.registrationPath}`,
    jwks_uri: `${urls.environment}/keys`,
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    token_endpoint_auth_methods_supported: TOKEN_ENDPOINT_AUTH_METHODS,
  };
}
