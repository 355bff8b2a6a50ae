import { didYouMean } from '../../values/closest-name.js';
import type { Configuration } from '../../config/configuration.js';
import { readConfiguration } from '../../config/read-configuration.js';
import { hasApplication } from '../terminal/has-application.js';
import type { Io } from '../terminal/io.js';
import { localServer } from '../terminal/local-server.js';
import { UsageError } from '../terminal/usage-error.js';
import type { CatalogScopes } from './catalog-scopes.js';
import type { DevelopmentTokenRequest } from './token-request.js';

/** Signs a token of the embedded issuer. The server need not run. */
export async function signDevelopmentToken(
  { user, scope, expires }: DevelopmentTokenRequest,
  io: Io,
): Promise<string> {
  const configuration = await readConfiguration();
  const { devIssuer, maxTokenLifetime, stateDirectory, resource, scalekit } = configuration;
  if (expires && expires.milliseconds > maxTokenLifetime) {
    throw new UsageError(`--expires "${expires.text}" exceeds MAX_TOKEN_LIFETIME. Use a shorter duration.`);
  }
  if (!devIssuer) {
    throw new TypeError(
      scalekit
        ? 'This command signs tokens of the embedded issuer only. Get a Scalekit token by signing in or from its API.'
        : 'The server trusts tokens of your own keys: sign one with --key private.pem.',
    );
  }
  // The production image has no embedded issuer.
  const [{ signStoredKeyToken }, { OIDC_SCOPES, parseScope, userMayHave }, { requireUser }] =
    await Promise.all([
      import('../../dev-issuer/stored-key-token.js'),
      import('../../dev-issuer/scopes.js'),
      import('../../dev-issuer/users.js'),
    ]);
  const demoUser = requireUser(user);
  const server = await localServer(stateDirectory, resource.url);
  if (server && server.url !== resource.url) {
    io.stderr.write(`Note: this token is for ${server.url}, which runs from this folder.\n`);
  }
  const { signIn, known } = server?.scopes ?? (await scopesOf(configuration, io));
  if (known.length > 0) warnOfUnknown(parseScope(scope), [...known, ...OIDC_SCOPES], io);
  return signStoredKeyToken({
    stateDirectory,
    issuerPort: server?.issuerPort ?? devIssuer.port,
    resourceUrl: server?.url ?? resource.url,
    resourceId: server?.resourceId ?? devIssuer.resourceId,
    user,
    scope: scope ?? signIn.filter((name) => userMayHave(demoUser, name)).join(' '),
    expiresInSeconds: expires ? Math.ceil(expires.milliseconds / 1000) : devIssuer.accessTokenLifetimeSeconds,
  });
}

/** Reads the scopes of the catalog of this repository's application. Falls back to the configured scopes if the catalog has problems. */
async function scopesOf(configuration: Configuration, io: Io): Promise<CatalogScopes> {
  const { resource, stateDirectory } = configuration;
  const signIn = resource.signInScopes ?? [];
  const fallback = `so the default is "${signIn.join(' ')}"`;
  if (!hasApplication) {
    io.stderr.write(
      `Note: no server runs from this folder, so this token is for ${resource.url}, with the key in ${stateDirectory} and the scopes "${signIn.join(' ')}".\n`,
    );
    return { signIn, known: [] };
  }
  try {
    const { catalogScopes } = await import('./catalog-scopes.js');
    return await catalogScopes(configuration);
  } catch {
    io.stderr.write(`Warning: the scopes of the tools cannot be read, ${fallback}. Run npm run check.\n`);
    return { signIn, known: [] };
  }
}

function warnOfUnknown(scopes: readonly string[], known: readonly string[], io: Io): void {
  for (const scope of scopes.filter((name) => !known.includes(name))) {
    const hint = didYouMean(scope, known);
    io.stderr.write(`Warning: nothing on this server needs the scope "${scope}".${hint}\n`);
  }
}
