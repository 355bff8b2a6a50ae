import cluster from 'node:cluster';

import { loadConfiguration } from '../../src/config/load-configuration.js';
import { run } from '../../src/run.js';
import { runWorkers } from '../../src/workers.js';
import { MisbehavingModule } from './misbehaving.module.js';

// Runs the application like src/main.ts, with misbehaving tools.
const configuration = loadConfiguration(process.env);
if (cluster.isPrimary && configuration.workers > 1) runWorkers(configuration.workers, false);
else await run(configuration, false, [MisbehavingModule]);
