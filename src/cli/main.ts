#!/usr/bin/env node
import { endOnBrokenOutput } from './terminal/end-on-broken-output.js';

/** Resolves when everything written has left the process, so that it can exit. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write('', () => resolve()));

// A server keeps serving without its log.
if (process.argv[2] !== 'start') endOnBrokenOutput(process);
else await import('../process/stop-memory-reducer.js');
const { run } = await import('./run.js');
const exitCode = await run(process.argv.slice(2), process);
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// A timer or connection that a provider left open must not keep a command alive.
process.exit(exitCode);
