// Starts Aerie as `src/main.ts` does.
import '../../src/process/keep-tick-shape.js';
import '../../src/process/postpone-memory-reducer.js';

await import('./aerie-application.js');
