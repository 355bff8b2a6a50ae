import cluster, { type Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';

import { type MetricsSource, WorkerMetrics } from './worker-metrics.js';

const metrics = (calls: number, waiting: number): string =>
  [
    '# HELP calls_total Calls',
    '# TYPE calls_total counter',
    `calls_total ${calls}`,
    '# HELP duration Duration',
    '# TYPE duration histogram',
    `duration_count ${calls}`,
    '# HELP waiting Waiting',
    '# TYPE waiting gauge',
    `waiting ${waiting}`,
    '',
  ].join('\n');

/** Adds the metric of the primary process. */
const withSilent = (text: string, silent = 0): string =>
  `${text}# HELP aerie_workers_silent Workers that do not answer\n# TYPE aerie_workers_silent gauge\naerie_workers_silent ${silent}\n`;

const worker = (id: number, answer: string | undefined): MetricsSource => ({
  id,
  ask: () => Promise.resolve(answer),
});

describe('WorkerMetrics', () => {
  let running: MetricsSource[];
  let workers: WorkerMetrics;
  beforeEach(() => {
    running = [worker(1, metrics(100, 1)), worker(2, metrics(10, 2))];
    workers = new WorkerMetrics(() => running);
  });

  it('keeps the totals of a worker that exited, and not its gauges', async () => {
    expect(await workers.read()).toBe(withSilent(metrics(110, 3)));
    running = [worker(2, metrics(11, 4))];
    expect(await workers.read()).toBe(withSilent(metrics(111, 4)));
    running = [worker(2, metrics(12, 4)), worker(3, metrics(1, 1))];
    expect(await workers.read()).toBe(withSilent(metrics(113, 5)));
    running = [worker(3, metrics(2, 1))];
    expect(await workers.read()).toBe(withSilent(metrics(114, 1)));
  });

  it('counts a worker that does not answer, with its latest metrics', async () => {
    await workers.read();
    running = [worker(1, undefined), worker(2, metrics(11, 2))];
    expect(await workers.read()).toBe(withSilent(metrics(111, 3), 1));
    running = [worker(1, metrics(101, 0)), worker(2, metrics(10, 2))];
    expect(await workers.read()).toBe(withSilent(metrics(111, 2)));
  });

  it('asks no worker that is still starting', async () => {
    const channel = new EventEmitter();
    const starting: Worker = Object.assign(Object(channel), {
      id: 7,
      isConnected: () => true,
      send: () => channel.emit('message', { metrics: metrics(5, 1) }),
    });
    const { workers: known = {} } = cluster;
    known[7] = starting;
    const ofCluster = new WorkerMetrics();
    expect(await ofCluster.read()).toBe(withSilent(''));
    cluster.emit('listening', starting);
    expect(await ofCluster.read()).toBe(withSilent(metrics(5, 1)));
    delete known[7];
  });

  it('keeps the totals when no worker is left', async () => {
    await workers.read();
    running = [];
    expect(await workers.read()).toContain('calls_total 110\n');
  });

  it('asks each worker once for scrapes at the same time', async () => {
    const ask = jest.fn(() => Promise.resolve(metrics(1, 1)));
    running = [{ id: 1, ask }];
    const texts = await Promise.all(Array.from({ length: 20 }, () => workers.read()));
    expect(new Set(texts)).toEqual(new Set([withSilent(metrics(1, 1))]));
    expect(ask).toHaveBeenCalledTimes(1);
  });
});
