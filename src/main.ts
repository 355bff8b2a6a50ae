import cluster from 'node:cluster';

import { ConfigurationError } from './config/configuration-error.js';
import { readConfiguration } from './config/read-configuration.js';
import { CatalogError } from './mcp/catalog/catalog-error.js';
import { run } from './run.js';
import { SETTINGS } from './tools/settings.js';
import { runWorkers } from './workers.js';

try {
  const configuration = await readConfiguration(SETTINGS);
  if (cluster.isPrimary && configuration.workers > 1) runWorkers(configuration.workers);
  else await run(configuration, !configuration.production);
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}

/** What stopped the start: in words where it can be mended by configuration, else with the stack. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `Aerie cannot start: ${String(error)}`;
  if (error instanceof ConfigurationError || error instanceof CatalogError) return error.message;
  if ('code' in error && error.code === 'EADDRINUSE') {
    return `Aerie cannot start: ${error.message}\n  → Stop what listens there, or set PORT to another port.`;
  }
  return `Aerie cannot start: ${error.cause ? error.message : error.stack}`;
}
