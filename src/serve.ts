import cluster from 'node:cluster';

import { unloadEnvFile } from './config/process-variables.js';
import { readConfiguration } from './config/read-configuration.js';
import { textsOf } from './reload.js';
import { run } from './run.js';
import { startFailure } from './start-failure.js';
import { showMetricsOfWorkers } from './telemetry-of.js';
import { SETTINGS } from './tools/settings.js';
import { withRunningServer } from './with-running-server.js';
import { receiveStart, tellReloaded } from './worker-channel.js';
import { runWorkers } from './workers.js';

try {
  const given = await receiveStart();
  const configuration = await readConfiguration(SETTINGS, given);
  if (cluster.isPrimary && configuration.workers > 1) {
    const texts = textsOf(process.env);
    await showMetricsOfWorkers(configuration);
    runWorkers(configuration.workers, { envFile: unloadEnvFile(), texts }, configuration.production);
  } else {
    const options = given && { texts: given.texts, onReloaded: tellReloaded };
    // Only the first of several workers prints the welcome text.
    const isFirst = given === undefined || cluster.worker?.id === 1;
    await run(configuration, !configuration.production && isFirst, options).catch(async (error: unknown) => {
      throw await withRunningServer(error, configuration);
    });
  }
} catch (error) {
  process.stderr.write(`${startFailure(error)}\n`);
  process.exit(1);
}
