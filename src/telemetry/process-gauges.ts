import type { Meter } from '@opentelemetry/api';

import { EventLoopDelay } from './event-loop-delay.js';

/** Measures the memory of this process and the delay of its event loop. */
export function observeProcess(meter: Meter): void {
  const delay = new EventLoopDelay();
  for (const [name, part] of [
    ['max', 'longest'],
    ['p99', '99th percentile'],
  ] as const) {
    meter
      .createObservableGauge(`nodejs.eventloop.delay.${name}`, {
        unit: 's',
        description: `Delay of the event loop in the last full minute and since, ${part}`,
      })
      .addCallback((result) => result.observe(delay[name]));
  }
  const memory = (name: string, description: string, read: (usage: NodeJS.MemoryUsage) => number): void =>
    meter
      .createObservableGauge(name, { unit: 'By', description })
      .addCallback((result) => result.observe(read(process.memoryUsage())));
  memory('v8js.memory.heap.used', 'Memory of objects', ({ heapUsed }) => heapUsed);
  memory('process.memory.usage', 'Resident memory of the process', ({ rss }) => rss);
  meter
    .createObservableCounter('process.cpu.time', { unit: 's', description: 'CPU time of the process' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe((user + system) / 1e6);
    });
}
