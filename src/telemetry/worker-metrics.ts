import cluster, { type Worker } from 'node:cluster';

import { z } from 'zod';

import { whilePending } from '../values/while-pending.js';
import { sumMetrics, totalsOf } from './sum-metrics.js';

const QUESTION = 'aerie:metrics';
/** Maximum time to wait for a worker. */
const TIMEOUT_MS = 2_000;

/** Metrics of the primary process. */
export const RESTARTS = 'aerie_workers_restarted_total';
export const SILENT = 'aerie_workers_silent';

const answer = z.object({ metrics: z.string() });

/** Answers the questions of the primary process for the metrics of this worker. */
export function answerPrimary(read: () => Promise<string>): void {
  process.on('message', (message) => {
    if (message !== QUESTION) return;
    void read().then(
      (metrics) => process.send?.({ metrics }),
      () => undefined, // the primary stops waiting
    );
  });
}

/**
 * Counts workers that replace others. Call it before the first worker starts.
 *
 * @param count number of workers
 * @returns a function that returns the metric
 */
export function countRestarts(count: number): () => string {
  let started = 0;
  cluster.on('fork', () => started++);
  return () =>
    metricText(
      RESTARTS,
      'counter',
      'Workers that replaced one that exited unexpectedly',
      Math.max(0, started - count),
    );
}

/** Returns a metric with one series in the text format of Prometheus. */
const metricText = (name: string, type: string, description: string, value: number): string =>
  `# HELP ${name} ${description}\n# TYPE ${name} ${type}\n${name} ${value}\n`;

/** Process whose metrics are asked for. */
export interface MetricsSource {
  readonly id: number;
  /** Returns the metrics; undefined if the process does not answer in time. */
  readonly ask: () => Promise<string | undefined>;
}

/**
 * Sum of the metrics of all workers, and the number of those that do not answer, because something blocks them: their
 * latest metrics count. The totals of a worker that exited remain: Prometheus takes a total that goes down for a restart,
 * and would count everything below it a second time.
 */
export class WorkerMetrics {
  /** Latest metrics by worker. */
  readonly #latest = new Map<number, string>();
  /** Totals of the workers that exited. */
  #ended = '';

  /** @param sources returns the workers that listen. By default, create it before the first worker starts. */
  constructor(private readonly sources: () => readonly MetricsSource[] = listeningWorkers()) {}

  /** Returns the metrics. Scrapes at the same time share one answer of the workers. */
  readonly read = whilePending(() => this.#collect());

  async #collect(): Promise<string> {
    const sources = this.sources();
    this.#keepTotals(new Set(sources.map(({ id }) => id)));
    let silent = 0;
    await Promise.all(
      sources.map(async (source) => {
        const text = await source.ask();
        if (text === undefined) silent++;
        else this.#latest.set(source.id, text);
      }),
    );
    const sum = sumMetrics([...this.#latest.values(), this.#ended].filter((text) => text !== ''));
    return sum + metricText(SILENT, 'gauge', 'Workers that do not answer', silent);
  }

  /** @param running workers that run */
  #keepTotals(running: ReadonlySet<number>): void {
    for (const [id, text] of this.#latest) {
      if (running.has(id)) continue;
      this.#ended = sumMetrics([this.#ended, totalsOf(text)]);
      this.#latest.delete(id);
    }
  }
}

/**
 * Returns a function that returns the workers to ask. A worker that is still starting answers nothing, without being
 * blocked.
 */
function listeningWorkers(): () => MetricsSource[] {
  const listening = new WeakSet<Worker>();
  cluster.on('listening', (worker) => listening.add(worker));
  return () =>
    Object.values(cluster.workers ?? {}).flatMap((worker) =>
      worker?.isConnected() && listening.has(worker) ? [{ id: worker.id, ask: () => ask(worker) }] : [],
    );
}

function ask(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(undefined), TIMEOUT_MS);
    const finish = (text: string | undefined): void => {
      clearTimeout(timer);
      worker.off('message', onMessage);
      worker.off('disconnect', onDisconnect);
      resolve(text);
    };
    const onMessage = (message: unknown): void => {
      const { data } = answer.safeParse(message);
      if (data) finish(data.metrics);
    };
    const onDisconnect = (): void => finish(undefined);
    worker.on('message', onMessage);
    worker.on('disconnect', onDisconnect);
    worker.send(QUESTION, (error) => error && finish(undefined));
  });
}
