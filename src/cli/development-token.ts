import { readConfiguration } from '../config/read-configuration.js';
import type { DevelopmentTokenCommand } from './token-command.js';

/** Signs a token of the embedded issuer, also while no server runs. */
export async function signDevelopmentToken({
  user,
  scope,
  expires,
}: DevelopmentTokenCommand): Promise<string> {
  const { devIssuer, maxTokenLifetime, stateDirectory, resource, scalekit } = await readConfiguration();
  if (expires.milliseconds > maxTokenLifetime) {
    throw new TypeError(`--expires "${expires.text}" is longer than MAX_TOKEN_LIFETIME allows.`);
  }
  if (!devIssuer) {
    throw new TypeError(
      scalekit
        ? 'Tokens of Scalekit come from Scalekit: sign in, or use its API. This is for the embedded issuer.'
        : 'The server trusts tokens of your own keys: sign one with --key private.pem.',
    );
  }
  // Present only where it is needed, as the issuer is.
  const { signStoredKeyToken } = await import('../dev-issuer/stored-key-token.js');
  return signStoredKeyToken({
    stateDirectory,
    issuerPort: devIssuer.port,
    resourceUrl: resource.url,
    resourceId: devIssuer.resourceId,
    user,
    scope,
    expiresInSeconds: Math.ceil(expires.milliseconds / 1000),
  });
}
