import { ConfigurationError } from '../config/configuration-error.js';
import { readConfiguration } from '../config/read-configuration.js';

/**
 * Says whether the server would start with this environment, without starting it: exit code 0 and one line, or 1 and
 * everything that is wrong. A deployment runs it once, before it starts instances that would restart for ever.
 */
try {
  const { resource, scalekit, jwt } = await readConfiguration();
  const issuers = [...(scalekit ? [scalekit.environmentUrl] : []), ...(jwt?.issuers ?? [])];
  process.stdout.write(
    `The configuration is complete: ${resource.url}, tokens of ${issuers.join(' and ')}\n`,
  );
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
