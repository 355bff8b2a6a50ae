import cluster, { type Worker } from 'node:cluster';

import { z } from 'zod';

import { whilePending } from '../values/while-pending.js';
import { sumMetrics, totalsOf } from './sum-metrics.js';

const QUESTION = 'aerie:metrics';
/** Maximum time to wait for a worker. */
const TIMEOUT_MS = 2_000;

/** Metric of the primary process. */
export const RESTARTS = 'aerie_workers_restarted_total';

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
    [
      `# HELP ${RESTARTS} Workers that replaced one that exited unexpectedly`,
      `# TYPE ${RESTARTS} counter`,
      `${RESTARTS} ${Math.max(0, started - count)}`,
      '',
    ].join('\n');
}

/** Process whose metrics are asked for. */
export interface MetricsSource {
  readonly id: number;
  /** Returns the metrics; undefined if the process does not answer in time. */
  readonly ask: () => Promise<string | undefined>;
}

/**
 * Sum of the metrics of all workers. The totals of a worker that exited or is silent remain: Prometheus takes a total
 * that goes down for a restart, and would count everything below it a second time.
 */
export class WorkerMetrics {
  /** Latest metrics by worker. */
  readonly #latest = new Map<number, string>();
  /** Totals of the workers that exited. */
  #ended = '';

  /** @param sources returns the workers that run */
  constructor(private readonly sources: () => readonly MetricsSource[] = runningWorkers) {}

  /** Returns the metrics. Scrapes at the same time share one answer of the workers. */
  readonly read = whilePending(() => this.#collect());

  async #collect(): Promise<string> {
    const sources = this.sources();
    this.#keepTotals(new Set(sources.map(({ id }) => id)));
    const answered = new Set<number>();
    await Promise.all(
      sources.map(async (source) => {
        const text = await source.ask();
        if (text === undefined) return;
        answered.add(source.id);
        this.#latest.set(source.id, text);
      }),
    );
    const texts = [...this.#latest].map(([id, text]) => (answered.has(id) ? text : totalsOf(text)));
    return sumMetrics([...texts, this.#ended].filter((text) => text !== ''));
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

const runningWorkers = (): MetricsSource[] =>
  Object.values(cluster.workers ?? {}).flatMap((worker) =>
    worker?.isConnected() ? [{ id: worker.id, ask: () => ask(worker) }] : [],
  );

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
