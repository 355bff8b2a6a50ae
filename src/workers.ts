import cluster, { type Worker } from 'node:cluster';

import { onHangUp } from './process/hang-up.js';
import { onStop } from './process/stop-signals.js';
import { systemErrorCode } from './values/system-error-code.js';

/** Delay before a worker that exited unexpectedly is replaced. */
const RESTART_DELAY_MS = 1_000;

/**
 * Runs several processes that share the port, and replaces processes that exit unexpectedly.
 *
 * Forwards signals to all workers, and exits when the last worker has stopped. The exit code is 0 if no worker failed.
 *
 * @param reloads whether SIGHUP reloads the configuration of the workers
 */
export function runWorkers(count: number, reloads: boolean): void {
  let stopping = false;
  let asked: NodeJS.Signals | undefined;
  let failed = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    stopping = true;
    asked = signal;
    workers().forEach((worker) => worker.process.kill(signal));
    if (workers().length === 0) process.exit(failed ? 1 : 0);
  };
  onStop(onSignal);
  const listening = new Set<Worker>();
  // A worker that is still starting reads the changed files anyway, and does not handle the signal yet.
  const reload = (): void => listening.forEach((worker) => worker.process.kill('SIGHUP'));
  onHangUp(reloads ? reload : undefined);
  cluster.on('exit', (worker, code, signal: string | null) => {
    listening.delete(worker);
    if (stopping) {
      // A worker that is still starting does not handle the signal yet, and has accepted no request.
      failed ||= code !== 0 && signal !== asked;
      if (workers().length === 0) process.exit(failed ? 1 : 0);
      return;
    }
    process.stderr.write(`Worker ${worker.process.pid} exited unexpectedly (${signal ?? code}).\n`);
    replaceOne();
  });
  let served = false;
  cluster.on('listening', (worker) => {
    served = true;
    listening.add(worker);
  });
  const replaceOne = (): void => {
    // If no worker has ever listened, all of them have the same problem, which has been printed.
    if (!served) {
      failed = true;
      onSignal('SIGTERM');
      return;
    }
    setTimeout(() => stopping || startOne(), RESTART_DELAY_MS);
  };
  const startOne = (): void => {
    try {
      const worker = cluster.fork();
      worker.on('error', (error) => {
        const { pid } = worker.process;
        // Such as EPIPE, when a connection is handed to a worker that has just been killed. Its exit follows.
        if (pid !== undefined) process.stderr.write(`Worker ${pid} failed (${systemErrorCode(error)}).\n`);
        else onFailedStart(error);
      });
    } catch (error) {
      onFailedStart(error);
    }
  };
  const onFailedStart = (error: unknown): void => {
    process.stderr.write(`A worker could not be started (${systemErrorCode(error)}).\n`);
    replaceOne();
  };
  for (let started = 0; started < count; started++) startOne();
}

const workers = (): Worker[] =>
  Object.values(cluster.workers ?? {}).flatMap((worker) => (worker && isRunning(worker) ? [worker] : []));

/** A worker that could not be started has no id, and a signal to it could reach other processes. */
const isRunning = (worker: Worker): boolean => worker.process.pid !== undefined && !worker.isDead();
