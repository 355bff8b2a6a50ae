import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { TOKEN_SETTINGS } from '../abuse/tokens.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/until.js';

const DIST = join(import.meta.dirname, '../../dist');

/** Answer of a tool, or of the server if there is none. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isError: boolean;
}

/** Readiness of an instance. */
export interface Readiness {
  readonly status: number;
  readonly text: string;
  readonly milliseconds: number;
}

export interface InstanceOptions {
  /** Shell commands before the start, such as `ulimit`. */
  readonly shell?: string;
  /** Target of standard output, such as `/dev/full`; default: recorded in `output`. */
  readonly stdout?: string;
}

/** Settings of production, with limits that the scenarios do not reach. */
export const environmentOf = (directory: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  ...TOKEN_SETTINGS,
  NODE_ENV: 'production',
  DEMO_TOOLS: 'on',
  HOST: '127.0.0.1',
  STATE_DIRECTORY: directory,
  RATE_LIMIT_CALLER: '100000/min',
  RATE_LIMIT_ORGANIZATION: '100000/min',
  SHUTDOWN_DELAY: '1ms',
});

/** Instance of the built application, in production, in a process of its own. */
export class Instance {
  output = '';
  errors = '';

  private constructor(
    readonly process: ChildProcess,
    readonly port: number,
  ) {
    process.stdout?.on('data', (data: Buffer) => (this.output += data.toString()));
    process.stderr?.on('data', (data: Buffer) => (this.errors += data.toString()));
  }

  /** Starts an instance, and does not wait until it serves. */
  static async begin(
    directory: string,
    settings: NodeJS.ProcessEnv,
    { shell = '', stdout }: InstanceOptions = {},
  ): Promise<Instance> {
    const port = await freePort();
    const redirect = stdout === undefined ? '' : ` > ${stdout}`;
    const script = `${shell}\nexec "$0" --enable-source-maps "$1"${redirect}`;
    const child = spawn('sh', ['-c', script, process.execPath, join(DIST, 'main.js')], {
      cwd: directory,
      env: { ...environmentOf(directory), PORT: String(port), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Instance(child, port);
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  get url(): string {
    return `http://localhost:${this.port}/mcp`;
  }

  /** Waits until the instance is ready. */
  async serves(): Promise<void> {
    await until(async () => {
      if (this.hasEnded) throw new Error(`The server has ended. ${this.output}${this.errors}`);
      return (await this.ready()).status === 200;
    });
  }

  async ready(): Promise<Readiness> {
    const start = performance.now();
    const [status, text] = await fetch(`http://localhost:${this.port}/health/ready`, {
      signal: AbortSignal.timeout(5_000),
    }).then(
      async (response) => [response.status, await response.text()] as const,
      (error: unknown) => [0, String(error)] as const,
    );
    return { status, text, milliseconds: performance.now() - start };
  }

  /** @throws {Error} when the connection fails, so that the outcome is unknown */
  async call(token: string, name: string, args: object = {}, key?: string): Promise<Answer> {
    const params = {
      name,
      arguments: args,
      ...(key !== undefined && { _meta: { 'aerie/idempotency-key': key } }),
    };
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    return { status: response.status, text, isError: !response.ok || text.includes('"isError":true') };
  }

  /** Number of lines of the log that contain a text. */
  lines(text: string): number {
    return this.output.split('\n').filter((line) => line.includes(text)).length;
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.process.kill('SIGCONT');
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}
