import cluster, { type Worker } from 'node:cluster';

import { z } from 'zod';

import { sumMetrics } from './sum-metrics.js';

const QUESTION = 'aerie:metrics';
/** Maximum time to wait for a worker. */
const TIMEOUT_MS = 2_000;

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

/** Returns the sum of the metrics of all workers that answer in time. */
export async function metricsOfWorkers(): Promise<string> {
  const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  const texts = await Promise.all(workers.filter((worker) => worker.isConnected()).map(ask));
  return sumMetrics(texts.filter((text) => text !== undefined));
}

function ask(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(undefined), TIMEOUT_MS);
    const finish = (text: string | undefined): void => {
      clearTimeout(timer);
      worker.off('message', onMessage);
      resolve(text);
    };
    const onMessage = (message: unknown): void => {
      const { data } = answer.safeParse(message);
      if (data) finish(data.metrics);
    };
    worker.on('message', onMessage);
    worker.send(QUESTION, (error) => error && finish(undefined));
  });
}
