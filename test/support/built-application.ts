import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export const DIST = resolve(__dirname, '../../dist');

/** Shared compile cache, because hundreds of short processes load the same modules. */
export const NODE_COMPILE_CACHE = resolve(DIST, '../node_modules/.cache/node-compile');

const NO_TOOLS = `
import { registerHooks } from 'node:module';
registerHooks({
  load: (url, context, next) =>
    url !== ${JSON.stringify(pathToFileURL(join(DIST, 'tools/tools.module.js')))} ? next(url, context) : {
      format: 'module',
      source: 'import { Module } from "@nestjs/common"; export class ToolsModule {} Module({})(ToolsModule);',
      shortCircuit: true,
    },
});`;

/** Makes a process of the build offer the demo tools only, whatever a deployment adds to its own module. */
export const ONLY_DEMO_TOOLS = {
  NODE_OPTIONS: `--import ${JSON.stringify(`data:text/javascript,${encodeURIComponent(NO_TOOLS)}`)}`,
};

/** Process of the built application, which `npm test` builds. */
export class BuiltApplication {
  output = '';
  errors = '';
  readonly #closed: Promise<unknown>;

  private constructor(readonly process: ChildProcess) {
    this.#closed = new Promise((done) => void process.once('close', done));
    process.stdout?.on('data', (data: Buffer) => (this.output += data.toString()));
    process.stderr?.on('data', (data: Buffer) => (this.errors += data.toString()));
  }

  /**
   * @param directory working directory with `.env` and the issuer's state
   * @param entry parameters of Node.js that start another application than the build
   * @param command program to run instead of Node.js
   */
  static start(
    directory: string,
    environment: NodeJS.ProcessEnv,
    entry: readonly string[] = [builtEntry()],
    command = process.execPath,
  ): BuiltApplication {
    return new BuiltApplication(
      spawn(command, entry, { cwd: directory, env: clean(environment), stdio: 'pipe' }),
    );
  }

  /** Waits until the URL returns this status, with a timeout. */
  async answers(url: string, status = 200): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const got = await fetch(url).then(
        (response) => response.status,
        () => 0,
      );
      if (got === status) return;
      if (this.process.exitCode !== null) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`${url} never answered ${status}.\n${this.output}\n${this.errors}`);
  }

  /** Resolves with the exit code when the process has ended and its output was read to the end. */
  async exit(): Promise<number | null> {
    await this.#closed;
    return this.process.exitCode;
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exit();
  }
}

function builtEntry(): string {
  const entry = join(DIST, 'main.js');
  if (!existsSync(entry))
    throw new Error('There is no build. Run "npm run build", or the tests by "npm test".');
  return entry;
}

/** Runs a command of the build in a process of its own until it ends. */
export async function runBuiltCommand(
  name: string,
  parameters: string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
  input = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  const ran = promisify(execFile)(process.execPath, [join(DIST, 'cli/main.js'), name, ...parameters], {
    cwd: directory,
    env: clean(environment),
  });
  ran.child.stdin?.end(input);
  return ran.then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

/** Environment without the test runner's variables. */
function clean(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_COMPILE_CACHE, ...environment };
}
