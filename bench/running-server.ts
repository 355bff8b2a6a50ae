import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { atExit } from './at-exit.js';
import type { Contestant } from './contestant.js';
import { freePort } from '../src/values/listen.js';
import { built } from './paths.js';
import { onServerCore, type Pinning } from './pinning.js';
import type { MeterAnswer, MeterRequest } from './servers/meter.js';

const START_TIMEOUT = 30_000;

/** Process of a contestant, which logs to a file. */
export class RunningServer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'bench-'));
  readonly #log = join(this.#directory, 'log');
  readonly #process: ChildProcess;
  readonly #cancelStop: () => void;
  readonly url: string;

  private constructor(
    readonly contestant: Contestant,
    port: number,
    pinning: Pinning | undefined,
    flags: readonly string[],
  ) {
    this.url = `http://127.0.0.1:${port}${contestant.path}`;
    const [program = '', ...parameters] = contestant.command;
    const meter = contestant.isMetered ? ['--import', built('bench/servers/meter.js')] : [];
    const [command = '', ...rest] = onServerCore(pinning, [program, ...meter, ...flags, ...parameters]);
    const log = openSync(this.#log, 'a');
    this.#process = spawn(command, rest, {
      cwd: contestant.directory,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        PORT: String(port),
        STATE_DIRECTORY: this.#directory,
        ...contestant.environment,
      },
      stdio: ['ignore', log, log, ...(contestant.isMetered ? ['ipc' as const] : [])],
    });
    closeSync(log);
    this.#cancelStop = atExit(() => this.stop());
    // `until` and `ask` report a process that did not start or has ended.
    this.#process.on('error', () => undefined);
  }

  /**
   * Starts a contestant without waiting until it answers.
   *
   * @param flags additional flags for Node.js
   */
  static async start(
    contestant: Contestant,
    pinning: Pinning | undefined,
    flags: readonly string[] = [],
  ): Promise<RunningServer> {
    return new RunningServer(contestant, await freePort(), pinning, flags);
  }

  /**
   * Waits until a probe succeeds.
   *
   * @param probe throws until the server is ready
   * @throws {Error} with the end of the log if the process has ended or is not ready after 30 seconds
   */
  async until(probe: () => Promise<void>): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT;
    for (;;) {
      try {
        await probe();
        return;
      } catch (error) {
        if (!this.#hasEnded && performance.now() < deadline) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        throw new Error(`${this.contestant.name} does not answer.\n${this.#logEnd()}`, { cause: error });
      }
    }
  }

  /** Requests the process's resource usage or a profile; see `servers/meter.ts`. */
  ask(request: MeterRequest): Promise<MeterAnswer> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error(`${this.contestant.name} has ended.\n${this.#logEnd()}`));
      if (this.#hasEnded) {
        onExit();
        return;
      }
      this.#process.once('exit', onExit);
      // Only the meter sends messages.
      this.#process.once('message', (answer: MeterAnswer) => {
        this.#process.off('exit', onExit);
        resolve(answer);
      });
      this.#process.send(request);
    });
  }

  /** Returns the lines since the log was last emptied. */
  readLog(): string {
    return readFileSync(this.#log, 'utf8');
  }

  /** Empties the log, because a run writes gigabytes. */
  emptyLog(): void {
    truncateSync(this.#log);
  }

  stop(): void {
    this.#cancelStop();
    this.#process.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #hasEnded(): boolean {
    return (
      this.#process.pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null
    );
  }

  #logEnd(): string {
    return readFileSync(this.#log, 'utf8').slice(-2_000);
  }
}
