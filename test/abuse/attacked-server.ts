import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { onServerCore, type Pinning } from '../../bench/pinning.js';
import { freePort } from '../support/ports.js';
import type { Measures } from './main.js';
import { TOKEN_SETTINGS } from './tokens.js';

const file = (path: string): string => join(import.meta.dirname, path);

/** Parameters of Node.js that let it run TypeScript. */
export const LOADER = ['--import', file('../conformance/load-typescript.ts')];

/** Settings that differ from production defaults, with their reasons. */
const SETTINGS = {
  // The honest caller sends 1,200 calls a minute, so each attacker gets the same limit.
  RATE_LIMIT_CALLER: '1500/min',
  RATE_LIMIT_ORGANIZATION: '1500/min',
  // Off by default. One of the attacks targets sessions.
  MCP_SESSIONS: 'on',
};

/** Built application in its own process on its own core, with the heap of a small container. */
export class AttackedServer {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly directory: string,
  ) {}

  /** @param flags additional flags for Node.js */
  static async start(pinning: Pinning | undefined, flags: readonly string[]): Promise<AttackedServer> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'aerie-abuse-'));
    const [command = '', ...parameters] = onServerCore(pinning, [
      process.execPath,
      '--enable-source-maps', // as `npm run start:prod` has it
      '--max-old-space-size=384',
      '--expose-gc',
      ...flags,
      ...LOADER,
      file('main.ts'),
    ]);
    const child = spawn(command, parameters, {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_ENV: 'production',
        DEMO_TOOLS: 'on',
        HOST: '127.0.0.1',
        PORT: String(port),
        STATE_DIRECTORY: directory,
        ...TOKEN_SETTINGS,
        ...SETTINGS,
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const server = new AttackedServer(`http://localhost:${port}/mcp`, child, directory);
    await server.#isReady();
    return server;
  }

  /** @throws {Error} if the server has ended */
  async measure(): Promise<Measures> {
    const gone = new AbortController();
    const onExit = (): void => gone.abort(new Error('The server has ended.'));
    if (!this.process.connected) onExit();
    this.process.once('exit', onExit);
    try {
      this.process.send('measure');
      const [measures] = (await once(this.process, 'message', { signal: gone.signal })) as [Measures];
      return measures;
    } finally {
      this.process.off('exit', onExit);
    }
  }

  async stop(): Promise<void> {
    if (this.process.connected) {
      this.process.kill('SIGTERM');
      const killing = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
      await once(this.process, 'exit');
      clearTimeout(killing);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #isReady(): Promise<void> {
    for (let tries = 0; tries < 600 && this.process.exitCode === null; tries++) {
      const status = await fetch(new URL('/health/ready', this.url)).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 200) return;
      await sleep(50);
    }
    await this.stop();
    throw new Error('The server does not start.');
  }
}
