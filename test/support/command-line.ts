import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';

import { run } from '../../src/cli/run.js';

/** Command that runs in this process. */
export interface RunningCommand {
  /** Output so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<{ code: number; out: string; err: string }>;
}

/** Starts a command line in this process. */
export function startCommandLine(
  argv: readonly string[],
  { env = {}, input = '' }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): RunningCommand {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const printed = { out: '', err: '' };
  stdout.on('data', (data: Buffer) => (printed.out += data.toString()));
  stderr.on('data', (data: Buffer) => (printed.err += data.toString()));
  stdin.end(input);
  const ended = run(argv, { stdin, stdout, stderr, env }).then(async (code) => {
    await Promise.all([stdout, stderr].map((stream) => finished(stream.end())));
    return { code, ...printed };
  });
  return { out: () => printed.out, err: () => printed.err, ended };
}

/** Runs a command line in this process. */
export const commandLine = (...parameters: Parameters<typeof startCommandLine>): RunningCommand['ended'] =>
  startCommandLine(...parameters).ended;
