import { ERAS, exchangeOf } from '../exchange.js';
import { alike, flood } from '../load/flood.js';
import { print } from '../print.js';
import type { Finding } from '../results.js';
import { send } from '../session.js';
import { GREETING, megabytes, type MemoryRun, seconds, withApplication } from './application.js';

/** Share of the calls before the first measurement. After them, all code is compiled and every cache is full. */
const FROM = 0.1;
const SETTLE = 3;
const MAX_GROWTH = 10 * 2 ** 20;

/** Measures whether memory grows with the number of calls. Each era gets half of the calls. */
export function memoryAfterCalls(run: MemoryRun): Promise<Finding[]> {
  return withApplication(run, {}, async (running) => {
    const [modern, legacy] = ERAS.map((era) => exchangeOf(GREETING, era, run.token));
    if (!modern || !legacy) throw new Error('There are two eras.');
    await running.until(async () => void (await send(running.url, modern)));
    const residentAfter = async (calls: number): Promise<number> => {
      for (const exchange of [modern, legacy]) {
        await flood(running.url, alike(exchange, run.connections), {
          each: Math.ceil(calls / 2 / run.connections),
        });
        running.emptyLog();
      }
      await seconds(SETTLE);
      const { resident, heap } = await running.ask('usage');
      print(
        `after ${calls} more calls: ${megabytes(resident)} resident, including ${megabytes(heap)} of heap`,
      );
      return resident;
    };
    const early = await residentAfter(run.calls * FROM);
    const late = await residentAfter(run.calls * (1 - FROM));
    return [
      {
        measured: `resident memory after ${run.calls} calls, beyond what it was after ${run.calls * FROM}`,
        value: `${megabytes(late - early)} (${megabytes(early)}, then ${megabytes(late)})`,
        target: megabytes(MAX_GROWTH),
        isMet: late - early <= MAX_GROWTH,
        bytes: { of: 'instance', count: late },
      },
    ];
  });
}
