import cluster from 'node:cluster';

import { loadConfiguration } from '../../src/config/load-configuration.js';
import { textsOf } from '../../src/reload.js';
import { run } from '../../src/run.js';
import { receiveStart } from '../../src/worker-channel.js';
import { runWorkers } from '../../src/workers.js';
import { MisbehavingModule } from './misbehaving.module.js';

// Runs the application like src/main.ts, with misbehaving tools.
const given = await receiveStart();
const texts = given?.texts ?? textsOf(process.env);
const configuration = loadConfiguration(texts);
if (cluster.isPrimary && configuration.workers > 1) {
  runWorkers(configuration.workers, { envFile: '', texts }, false);
} else {
  await run(configuration, false, { texts, further: [MisbehavingModule] });
}
