import { setFlagsFromString } from 'node:v8';

import { memoryReducerFlags } from './memory-reducer-flag.js';

/*
 * Lets V8 shrink the heap ten minutes after a full collection, instead of eight seconds. For programs, not for a
 * library, because it applies to the whole process. To be imported before anything else is loaded: a wait that has begun
 * is not prolonged.
 *
 * V8's memory reducer takes a server for idle if collections of young objects take almost no time, although it answers
 * thousands of calls per second. It then collects the whole heap, and lets it grow so slowly that further full
 * collections follow after a few seconds. Each delays all requests in flight, by about 100 ms on one slow core. A server
 * that is really idle still gives its memory back.
 *
 * Keeps a delay from the command line. V8 always applies that one, but with Redis not always one that is set at run
 * time.
 */
for (const flag of memoryReducerFlags()) setFlagsFromString(flag);
