import { printable } from './printable.js';

/** Streams, variables and exit code of a command. `process` is one; tests pass their own. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: NodeJS.ProcessEnv;
  /** Exit code: 0 or undefined for success, 1 for findings or a failure. {@link UsageError} sets 2. */
  exitCode?: number | string | null | undefined;
}

/** Writes a value for programs, as JSON of one line. JSON allows some control characters, which are escaped too. */
export function writeJson(io: Io, value: unknown): void {
  io.stdout.write(`${printable(JSON.stringify(value))}\n`);
}
