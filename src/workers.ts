import cluster, { type Worker } from 'node:cluster';

import { onHangUp } from './process/hang-up.js';
import { onStop } from './process/stop-signals.js';
import { systemErrorCode } from './values/system-error-code.js';
import { killHungWorkers, onReloaded, startWorker, type WorkerStart } from './worker-channel.js';

/** Times of the supervision of workers, milliseconds. */
const TIMES = {
  /** Delay before workers that exited unexpectedly are replaced. Doubles each time until a worker listens. */
  restart: 1_000,
  maxRestart: 30_000,
  /** Maximum time without a worker that listens, as long as all workers fail. */
  giveUp: 60_000,
  ping: 10_000,
  /** Maximum time for a worker that has not listened yet to stop. It serves nobody, and may be suspended. */
  stop: 10_000,
  /** Time after which a signal is a second one, and then that for workers to end. */
  repeat: 1_000,
};

/**
 * Runs several processes that share the port, and replaces processes that exit unexpectedly or hang.
 *
 * Forwards signals to all workers, and exits when the last worker has stopped. The exit code is 0 if no worker failed. A
 * second signal at least one second later also ends workers that hang.
 *
 * @param start configuration of each worker
 * @param reloads whether SIGHUP reloads the configuration of the workers
 */
export function runWorkers(
  count: number,
  start: WorkerStart,
  reloads: boolean,
  times: Partial<typeof TIMES> = {},
): void {
  const { restart, maxRestart, giveUp, ping, stop, repeat } = { ...TIMES, ...times };
  let stoppingSince: number | undefined;
  let asked: NodeJS.Signals | undefined;
  let failed = false;
  const listening = new Set<Worker>();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      setTimeout(() => kill(workers().filter((worker) => !listening.has(worker))), stop).unref();
    } else if (performance.now() - stoppingSince >= repeat) {
      setTimeout(() => kill(workers()), repeat).unref();
    }
    asked = signal;
    workers().forEach((worker) => worker.process.kill(signal));
    if (workers().length === 0) process.exit(failed ? 1 : 0);
  };
  onStop(onSignal);
  const fail = (): void => {
    failed = true;
    onSignal('SIGTERM');
  };
  // A worker that is still starting reads the changed files anyway, and does not handle the signal yet.
  const reload = (): void => listening.forEach((worker) => worker.process.kill('SIGHUP'));
  onHangUp(reloads ? reload : undefined);
  let inForce = start;
  onReloaded((texts) => {
    inForce = { ...start, texts };
  });
  let served = false;
  let givingUp: NodeJS.Timeout | undefined;
  cluster.on('exit', (worker, code, signal: string | null) => {
    listening.delete(worker);
    if (stoppingSince !== undefined) {
      // A worker that is still starting does not handle the signal yet, and has accepted no request.
      failed ||= code !== 0 && signal !== asked;
      if (workers().length === 0) process.exit(failed ? 1 : 0);
      return;
    }
    process.stderr.write(`Worker ${worker.process.pid} exited unexpectedly (${signal ?? code}).\n`);
    replaceOne();
  });
  cluster.on('listening', (worker) => {
    served = true;
    listening.add(worker);
    clearTimeout(givingUp);
    givingUp = undefined;
    delay = restart;
    if (missing > 0) startSoon();
  });
  const stopUnlessStarting = (): void => {
    // A worker that starts slowly may still listen.
    if (workers().length > 0) {
      givingUp = setTimeout(stopUnlessStarting, restart);
      return;
    }
    process.stderr.write(`No worker has listened for ${giveUp / 1_000} s. The server stops.\n`);
    fail();
  };
  let missing = 0;
  let delay = restart;
  let starting: NodeJS.Timeout | undefined;
  const replaceOne = (): void => {
    // If no worker has ever listened, all of them have the same problem, which has been printed.
    if (!served) {
      fail();
      return;
    }
    if (listening.size === 0) givingUp ??= setTimeout(stopUnlessStarting, giveUp);
    missing++;
    if (!starting) startSoon();
  };
  const startSoon = (): void => {
    clearTimeout(starting);
    starting = setTimeout(startMissing, delay);
  };
  const startMissing = (): void => {
    starting = undefined;
    if (stoppingSince !== undefined) return;
    delay = Math.min(delay * 2, maxRestart);
    const replaced = missing;
    missing = 0;
    for (let started = 0; started < replaced; started++) startOne();
  };
  const startOne = (): void => {
    try {
      const worker = startWorker(inForce);
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
  killHungWorkers(listening, ping);
}

const kill = (hung: readonly Worker[]): void => hung.forEach((worker) => worker.process.kill('SIGKILL'));

const workers = (): Worker[] =>
  Object.values(cluster.workers ?? {}).flatMap((worker) => (worker && isRunning(worker) ? [worker] : []));

/** A worker that could not be started has no id, and a signal to it could reach other processes. */
const isRunning = (worker: Worker): boolean => worker.process.pid !== undefined && !worker.isDead();
