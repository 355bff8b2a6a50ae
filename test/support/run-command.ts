import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { run } from '../../src/cli/run.js';

/** Result of a command. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command in this process, which takes a tenth of the time of a new one. Commands replace the global logger of
 * NestJS, so a file that also runs a server uses `runBuiltCommand`.
 *
 * @param directory working directory with `.env`, the issuer's state and relative paths
 */
export async function runCommand(
  name: string,
  parameters: readonly string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
  input = '',
): Promise<CommandResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [env, workingDirectory] = [process.env, process.cwd()];
  try {
    // A copy, because loading `.env` adds variables.
    process.env = { PATH: env['PATH'], HOME: env['HOME'], ...environment };
    process.chdir(directory);
    const io = { stdin: Readable.from([input]), stdout, stderr, env: process.env };
    const code = await run([name, ...parameters], io);
    stdout.end();
    stderr.end();
    return { code, stdout: await text(stdout), stderr: await text(stderr) };
  } finally {
    process.env = env;
    process.chdir(workingDirectory);
  }
}
