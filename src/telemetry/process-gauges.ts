import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { Meter } from '@opentelemetry/api';

const NANOSECONDS = 1e9;

/** Measures the memory of this process and the delay of its event loop. */
export function observeProcess(meter: Meter): void {
  const delay = monitorEventLoopDelay();
  delay.enable();
  meter
    .createObservableGauge('nodejs.eventloop.delay.p99', {
      unit: 's',
      description: 'Delay of the event loop since the last collection, 99th percentile',
    })
    .addCallback((result) => {
      result.observe(delay.percentile(99) / NANOSECONDS);
      delay.reset();
    });
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
