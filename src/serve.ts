import cluster from 'node:cluster';

import { unloadEnvFile } from './config/process-variables.js';
import { readConfiguration } from './config/read-configuration.js';
import { run } from './run.js';
import { startFailure } from './start-failure.js';
import { showMetricsOfWorkers } from './telemetry-of.js';
import { SETTINGS } from './tools/settings.js';
import { withRunningServer } from './with-running-server.js';
import { runWorkers } from './workers.js';

try {
  const configuration = await readConfiguration(SETTINGS);
  if (cluster.isPrimary && configuration.workers > 1) {
    await showMetricsOfWorkers(configuration);
    unloadEnvFile();
    runWorkers(configuration.workers, configuration.production);
  } else {
    await run(configuration, !configuration.production).catch(async (error: unknown) => {
      throw await withRunningServer(error, configuration);
    });
  }
} catch (error) {
  process.stderr.write(`${startFailure(error)}\n`);
  process.exit(1);
}
