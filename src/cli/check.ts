import { ConfigurationError } from '../config/configuration-error.js';
import type { Configuration } from '../config/configuration.js';
import { readConfiguration } from '../config/read-configuration.js';
import { SETTINGS } from '../tools/settings.js';
import { checkCatalog } from './check-catalog.js';
import { checkDatabase } from './check-database.js';
import { messageOf } from './findings.js';

/**
 * Says whether the server would start with this environment, without starting it: exit code 0 and one line, or 1 and
 * every problem. Warnings come before either. A deployment runs it once, before it starts instances.
 */
async function main(): Promise<void> {
  const configuration = await readConfiguration(SETTINGS);
  const findings = [await checkCatalog(configuration), await checkDatabase(configuration)];
  const warnings = [...configuration.warnings, ...findings.flatMap((found) => found.warnings)];
  warnings.forEach((warning) => process.stderr.write(`Warning: ${warning}\n`));
  const errors = findings.flatMap((found) => found.errors);
  if (errors.length === 0) process.stdout.write(`${summaryOf(configuration)}\n`);
  else fail(messageOf(errors));
}

function summaryOf({ resource, scalekit, jwt }: Configuration): string {
  const issuers = [...(scalekit ? [scalekit.environmentUrl] : []), ...(jwt?.issuers ?? [])];
  return `The configuration is complete: ${resource.url}, tokens of ${issuers.join(' and ')}`;
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  fail(error.message);
}
