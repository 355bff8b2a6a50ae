import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';

import { z } from 'zod';

import type { Texts } from './config/read-variables.js';

/** Marks workers of this server. Another program may run the server as a worker of its own. */
const MARK = 'AERIE_WORKER';
/** Asks for the configuration. Messages to a worker that does not listen to them yet may be lost. */
const ASK = 'aerie:start';
const PING = 'aerie:ping';
const PONG = 'aerie:pong';
/** Answers in place of {@link PONG} while a debugger may stop the worker. */
const DEBUGGED = 'aerie:debugged';
/** Number of unanswered pings after which a worker hangs. Counted, because time also passes while a machine sleeps. */
const MAX_UNANSWERED = 6;

/** Stops this worker after the first process was killed. */
let stopAlone = (): void => void process.kill(process.pid, 'SIGTERM');

const texts = z.record(z.string(), z.string());
const workerStart = z.object({ envFile: z.string(), texts });
const reloaded = z.object({ reloaded: texts });

/** Configuration that a worker starts with, so that it runs with the same one as the others. */
export interface WorkerStart {
  /** Content of `.env` at the start of the first process. */
  readonly envFile: string;
  /** Texts of the variables that are in force. */
  readonly texts: Texts;
}

/** Starts a worker. A failed start is an `error` event of the worker. */
export function startWorker(start: WorkerStart): Worker {
  const worker = cluster.fork({ [MARK]: 'on' });
  worker.on('message', (message: unknown) => {
    if (message === ASK) worker.send(start, () => {}); // its exit follows if it cannot be sent
  });
  return worker;
}

/** Calls back with the texts that are in force in a worker after it has reloaded its configuration. */
export function onReloaded(handle: (texts: Texts) => void): void {
  cluster.on('message', (_worker, message: unknown) => {
    const { data } = reloaded.safeParse(message);
    if (data) handle(data.reloaded);
  });
}

/**
 * Asks each worker at intervals for a sign of life, and kills a worker that leaves several pings unanswered: its event
 * loop is blocked. A worker that waits at a breakpoint does not hang.
 *
 * @param listening workers that have started. Another one answers only after its modules have loaded, however long that takes.
 */
export function killHungWorkers(listening: ReadonlySet<Worker>, intervalMs: number): void {
  const unanswered = new WeakMap<Worker, number>();
  cluster.on('message', (worker, message: unknown) => {
    if (message === PONG) unanswered.delete(worker);
    if (message === DEBUGGED) unanswered.set(worker, -Infinity);
  });
  const ping = (worker: Worker): void => {
    const count = unanswered.get(worker) ?? 0;
    if (count < MAX_UNANSWERED) {
      unanswered.set(worker, count + 1);
      worker.send(PING, () => {});
      return;
    }
    const seconds = (MAX_UNANSWERED * intervalMs) / 1_000;
    process.stderr.write(`Worker ${worker.process.pid} has not answered for ${seconds} s and is killed.\n`);
    worker.process.kill('SIGKILL');
  };
  const pingAll = (): void => {
    if (!hasDebugger()) listening.forEach(ping);
  };
  setInterval(pingAll, intervalMs).unref();
}

/** Whether this process can be debugged: with `--inspect`, or after SIGUSR1. Loads the inspector only when asked. */
const hasDebugger = (): boolean => process.getBuiltinModule('node:inspector').url() !== undefined;

/**
 * Receives the configuration of this worker, answers pings from now on, and stops when the first process was killed.
 * Undefined in any other process.
 */
export async function receiveStart(): Promise<WorkerStart | undefined> {
  if (!cluster.isWorker || process.env[MARK] === undefined) return undefined;
  delete process.env[MARK];
  process.prependOnceListener('disconnect', () => {
    // Otherwise, Node.js exits at once, in the middle of calls and of the audit trail.
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
    stopAlone();
  });
  const answer = once(process, 'message');
  process.send?.(ASK);
  const [first]: unknown[] = await answer;
  process.on('message', (message) => {
    if (message === PING) process.send?.(hasDebugger() ? DEBUGGED : PONG);
  });
  return workerStart.parse(first);
}

/** Sets how this worker stops after the first process was killed. Until then, like on SIGTERM. */
export function onSupervisorLost(handle: () => void): void {
  stopAlone = handle;
}

/** Tells the first process which texts are in force in this worker. */
export const tellReloaded = (inForce: Texts): void => void process.send?.({ reloaded: inForce });
