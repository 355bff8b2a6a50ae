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
  let asked: NodeJS.Signals | undefined;
  let failed = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    stopping = true;
    asked = signal;
    workers().forEach((worker) => worker.process.kill(signal));
    if (workers().length === 0) process.exit(failed ? 1 : 0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  cluster.on('exit', (worker, code, signal: string | null) => {
    if (stopping) {
      // One that is still starting knows nothing of the signal, and has accepted nothing.
      failed ||= code !== 0 && signal !== asked;
      if (workers().length === 0) process.exit(failed ? 1 : 0);
      return;
    }
    process.stderr.write(`Worker ${worker.process.pid} ended by itself (${signal ?? code}).\n`);
    // While none has ever served, something is wrong with all of them; they have said what.
    if (!served) {
      failed = true;
      onSignal('SIGTERM');
      return;
    }
    setTimeout(() => stopping || cluster.fork(), RESTART_DELAY);
  });
  let served = false;
  cluster.on('listening', () => {
    served = true;
  });
  for (let started = 0; started < count; started++) cluster.fork();
}

const workers = (): Worker[] =>
  Object.values(cluster.workers ?? {}).flatMap((worker) => (worker && !worker.isDead() ? [worker] : []));
