import cluster, { type Worker } from 'node:cluster';

/** A worker that ends by itself is replaced, but not faster than this, milliseconds. */
const RESTART_DELAY = 1_000;

/**
 * Runs several processes that share the port, and replaces those that end by themselves.
 *
 * A signal goes on to all of them; when the last one has stopped, so does this one, with 0 if all went well.
 */
export function runWorkers(count: number): void {
  let stopping = false;
  let failed = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    stopping = true;
    workers().forEach((worker) => worker.process.kill(signal));
    if (workers().length === 0) process.exit(failed ? 1 : 0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  cluster.on('exit', (worker, code) => {
    // One that never came to listen has said why, and another would fail like it.
    if (!stopping && !served.has(worker.id)) {
      failed = true;
      onSignal('SIGTERM');
      return;
    }
    if (!stopping) {
      setTimeout(() => stopping || cluster.fork(), RESTART_DELAY);
      return;
    }
    failed ||= code !== 0;
    if (workers().length === 0) process.exit(failed ? 1 : 0);
  });
  const served = new Set<number>();
  cluster.on('listening', ({ id }) => served.add(id));
  for (let started = 0; started < count; started++) cluster.fork();
}

const workers = (): Worker[] =>
  Object.values(cluster.workers ?? {}).flatMap((worker) => (worker && !worker.isDead() ? [worker] : []));
