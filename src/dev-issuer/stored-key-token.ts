import { signDirectToken } from './direct-token.js';
import { IssuerUrls } from './issuer-urls.js';
import { DEV_RESOURCE_ID } from '../config/dev-resource-id.js';
import { loadSigningKey } from './signing-key.js';
import { StateDirectory } from './state-directory.js';

/** Request for {@link signStoredKeyToken}. The issuer does not need to be running. */
export interface StoredKeyTokenRequest {
  /** The issuer's `stateDirectory`. The key is created there if none exists. */
  readonly stateDirectory: string;
  readonly issuerPort: number;
  readonly resourceUrl: string;
  /** Default {@link DEV_RESOURCE_ID}. */
  readonly resourceId?: string;
  /** Login name of a demo user. */
  readonly user: string;
  /** Space-separated scopes (RFC 6749 §3.3). */
  readonly scope: string;
  readonly expiresInSeconds: number;
}

/**
 * Signs an access token with the key of a development issuer, whether or not the issuer is running. An issuer that starts
 * later with the same directory publishes the key that verifies the token.
 *
 * @returns the token, a compact JWS
 * @throws {Error} when the user is unknown or may not have a scope
 */
export async function signStoredKeyToken(request: StoredKeyTokenRequest): Promise<string> {
  const resourceId = request.resourceId ?? DEV_RESOURCE_ID;
  const urls = new IssuerUrls(request.issuerPort, resourceId);
  return signDirectToken({
    key: await loadSigningKey(await StateDirectory.open(request.stateDirectory)),
    issuer: urls.environment,
    resourceUrl: request.resourceUrl,
    resourceId,
    user: request.user,
    scope: request.scope,
    expiresInSeconds: request.expiresInSeconds,
  });
}
