import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type DevIssuer, startDevIssuer } from '../../src/dev-issuer/dev-issuer.js';
import { freePort } from '../support/ports.js';

const RESOURCE_ID = 'res_100000000000000001';
const file = (path: string): string => join(import.meta.dirname, path);

/** Parameters of Node.js that let it run TypeScript. */
export const LOADER = ['--import', file('../conformance/load-typescript.ts')];

/** The application in a process of its own, with the limits of production and the heap of a small container. */
export class AttackedServer {
  private constructor(
    readonly url: string,
    readonly issuer: DevIssuer,
    readonly process: ChildProcess,
    private readonly directory: string,
  ) {}

  static async start(): Promise<AttackedServer> {
    const port = await freePort();
    const url = `http://localhost:${port}/mcp`;
    const issuer = await startDevIssuer({
      port: await freePort(),
      resourceUrl: url,
      resourceId: RESOURCE_ID,
      scopes: () => ['usr:read'],
    });
    const directory = mkdtempSync(join(tmpdir(), 'aerie-abuse-'));
    const flags = ['--expose-gc', '--max-old-space-size=384', ...LOADER];
    const child = spawn(process.execPath, [...flags, file('main.ts')], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        PORT: String(port),
        SK_ENV_URL: issuer.url,
        MCP_SERVER_ID: RESOURCE_ID,
        RESOURCE_URL: url,
        MCP_SESSIONS: 'on',
        MCP_SSE: 'on',
        STATE_DIRECTORY: directory,
        // The honest caller alone calls 1,200 times a minute. Attackers may do so, too.
        RATE_LIMIT_CALLER: '3000/min',
        RATE_LIMIT_ORGANIZATION: '30000/min',
        LOG_LEVEL: 'silent',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const server = new AttackedServer(url, issuer, child, directory);
    await server.#isReady();
    return server;
  }

  /** Memory in use, once garbage is collected, bytes. */
  async memory(): Promise<number> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return Number.NaN;
    this.process.send('memory');
    const [{ used }] = (await once(this.process, 'message')) as [{ used: number }];
    return used;
  }

  async stop(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.issuer.close();
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
