// Starts Aerie as `src/main.ts` does.
import '../../src/process/keep-tick-shape.js';
import '../../src/process/stop-memory-reducer.js';

await import('./aerie-application.js');
