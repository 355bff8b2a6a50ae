import './process/keep-tick-shape.js';
import './process/stop-memory-reducer.js';

import module from 'node:module';

import { holdHangUp } from './process/hang-up.js';
import { exitOnStop } from './process/stop-signals.js';

holdHangUp();
exitOnStop();

// Packages ship source maps too, which would take 40 MB of memory and a seventh of the startup time. The setting
// applies only to modules that are loaded later.
if (process.sourceMapsEnabled) module.setSourceMapsSupport?.(true, { nodeModules: false });

await import('./serve.js');
