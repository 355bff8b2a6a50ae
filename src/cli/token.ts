import { parseArgs } from 'node:util';

import { ConfigurationError } from '../config/configuration-error.js';
import { parseDuration } from '../config/units.js';
import { withEnvFile } from '../config/environment.js';
import { loadConfiguration } from '../config/load-configuration.js';

const USAGE = `npm run --silent token -- [--user alice|bob|carol] [--scope "usr:read org:read"] [--expires 1h]

Prints an access token of the embedded issuer, for the server that the same environment configures.
`;

/** Prints a token and nothing else, also while no server runs. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      user: { type: 'string', default: 'alice' },
      scope: { type: 'string', default: 'usr:read org:read' },
      expires: { type: 'string', default: '1h' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const lifetime = parseDuration(values.expires);
  if (lifetime === undefined) throw new TypeError(`--expires "${values.expires}" is no duration such as 1h.`);

  const configuration = loadConfiguration(withEnvFile(process.env, '.env'));
  if (lifetime > configuration.maxTokenLifetime) {
    throw new TypeError(`--expires "${values.expires}" is longer than MAX_TOKEN_LIFETIME allows.`);
  }
  if (!configuration.devIssuer) {
    throw new TypeError(
      'Tokens of Scalekit come from Scalekit: sign in, or use its API. This is for the embedded issuer.',
    );
  }
  // Present only where it is needed, as the issuer is.
  const { signStoredKeyToken } = await import('../dev-issuer/stored-key-token.js');
  const token = await signStoredKeyToken({
    stateDirectory: configuration.stateDirectory,
    issuerPort: configuration.devIssuer.port,
    resourceUrl: configuration.resource.url,
    resourceId: configuration.devIssuer.resourceId,
    user: values.user,
    scope: values.scope,
    expiresInSeconds: Math.ceil(lifetime / 1000),
  });
  process.stdout.write(`${token}\n`);
}

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof ConfigurationError ? `${message}\n` : `${message}\n\n${USAGE}`);
  process.exitCode = 1;
}
