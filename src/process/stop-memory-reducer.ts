import { setFlagsFromString } from 'node:v8';

/*
 * Keeps V8's memory reducer from collecting the heap. For programs, not for a library, because it applies to the whole
 * process.
 *
 * The memory reducer takes a server for idle if collections of young objects take almost no time, although it answers
 * thousands of calls per second. It then collects the whole heap, and lets it grow so slowly that further full
 * collections follow after a few seconds. Each delays all requests in flight, by about 100 ms on one slow core.
 *
 * At run time, V8 heeds only the number of its collections. Its delay, another flag, applies to some of its waits, and
 * the others last 8 s. Node.js before 24 does not know the number. Nothing is set for a later V8, which could refuse 0,
 * or if flags of the command line concern the memory reducer.
 */
const concerned = process.execArgv.some((flag) => /^--?(no[-_]?)?(gc[-_])?memory[-_]reducer/.test(flag));
if (process.versions.v8.startsWith('13.') && !concerned) setFlagsFromString('--memory-reducer-gc-count=0');
