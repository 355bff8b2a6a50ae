import { allHold, describe, summary } from './report.js';
import { RUNS } from './runs.js';
import { perform } from './suite.js';

/** Timeout of a run in milliseconds. */
const PATIENCE = 180_000;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(PATIENCE)]);

// The suites mostly wait, so they run concurrently.
const settled = await Promise.allSettled(
  RUNS.map(async (run) => {
    const outcome = await perform(run, signal);
    process.stdout.write(`${describe(outcome)}\n\n`);
    return outcome;
  }),
);
for (const result of settled) {
  if (result.status === 'rejected') process.stderr.write(`A run broke off: ${String(result.reason)}\n`);
}
const outcomes = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
process.stdout.write(`${summary(outcomes, RUNS.length)}\n`);
process.exitCode = allHold(outcomes, RUNS.length) ? 0 : 1;
