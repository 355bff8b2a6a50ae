import { exchangeOf } from '../exchange.js';
import { send } from '../session.js';
import { median } from '../statistics.js';
import { type Finding, GREETING, megabytes, type MemoryRun, seconds, withApplication } from './finding.js';

/** Idle time of a started server before its memory is measured, in seconds. */
const SETTLE = 3;

/** Measures the time from the start of the process to its first response, and the memory after it. */
export async function startUp(run: MemoryRun): Promise<Finding[]> {
  const times: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < run.rounds; round++) {
    const start = performance.now();
    await withApplication(run, {}, async (running) => {
      const exchange = exchangeOf(GREETING, '2026-07-28', run.token);
      await running.until(async () => void (await send(running.url, exchange)));
      times.push(performance.now() - start);
      await seconds(SETTLE);
      memory.push((await running.ask('usage')).resident);
    });
  }
  return [
    { measured: 'start to first answer', value: `${median(times).toFixed(0)} ms`, target: '800 ms' },
    { measured: 'resident memory after start', value: megabytes(median(memory)), target: '170 MB' },
  ];
}
