import { exchangeOf } from '../exchange.js';
import type { Finding } from '../results.js';
import type { RunningServer } from '../running-server.js';
import { send } from '../session.js';
import { median } from '../statistics.js';
import { GREETING, megabytes, type MemoryRun, seconds, withApplication } from './application.js';

/** Idle time of a started server before its memory is measured, in seconds. */
const SETTLE = 3;
const MAX_START_MS = 800;
const MAX_RESIDENT = 170 * 2 ** 20;

/** Measures the time from the start of a process to its first response, and the memory of another one after it. */
export async function startUp(run: MemoryRun): Promise<Finding[]> {
  const times: number[] = [];
  const memory: number[] = [];
  const answered = (running: RunningServer): Promise<void> =>
    running.until(async () => void (await send(running.url, exchangeOf(GREETING, '2026-07-28', run.token))));
  for (let round = 0; round < run.rounds; round++) {
    const start = performance.now();
    await withApplication({ ...run, isMetered: false }, {}, async (running) => {
      await answered(running);
      times.push(performance.now() - start);
    });
    await withApplication(run, {}, async (running) => {
      await answered(running);
      await seconds(SETTLE);
      memory.push((await running.ask('usage')).resident);
    });
  }
  const [time, resident] = [median(times), median(memory)];
  return [
    {
      measured: 'start to first answer',
      value: `${time.toFixed(0)} ms`,
      target: `${MAX_START_MS} ms`,
      isMet: time <= MAX_START_MS,
    },
    {
      measured: 'resident memory after start',
      value: megabytes(resident),
      target: megabytes(MAX_RESIDENT),
      isMet: resident <= MAX_RESIDENT,
    },
  ];
}
