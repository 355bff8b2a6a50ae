import { setFlagsFromString } from 'node:v8';

import { concernsMemoryReducer } from './memory-reducer-flags.js';

/** Time in which the server has started. V8's memory reducer decides after 8 s for the first time. */
const STARTED_MS = 4_000;

/*
 * Keeps V8's memory reducer from collecting the heap. For programs, not for a library, because it applies to the whole
 * process.
 *
 * The memory reducer takes a server for idle if collections of young objects take almost no time, although it answers
 * thousands of calls per second. It then collects the whole heap, and lets it grow so slowly that further full
 * collections follow after a few seconds. Each delays all requests in flight, by about 100 ms on one slow core.
 *
 * At run time, V8 heeds only the number of its collections. Its delay, another flag, applies to some of its waits, and
 * the others last 8 s. The number must not change while it collects. It changes only after the start, because V8 rejects
 * the compiled code of Node.js's own modules under other flags, which would delay the start by about 30 ms. In a start
 * that blocks the process for longer, the timer still comes before the decision.
 *
 * Node.js before 24 does not know the number. Nothing is set for a later V8, which could refuse 0, or if flags of the
 * command line concern the memory reducer or do not allow changes.
 */
if (process.versions.v8.startsWith('13.') && !process.execArgv.some(concernsMemoryReducer)) {
  setTimeout(() => setFlagsFromString('--memory-reducer-gc-count=0'), STARTED_MS).unref();
}
