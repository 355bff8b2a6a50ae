/** Standard streams and exit of a process. */
type Process = Pick<NodeJS.Process, 'exit'> & Record<'stdout' | 'stderr', NodeJS.WritableStream>;

/**
 * Ends a command whose output cannot be written: without a message if the reader has ended, as `head` does.
 *
 * Without a listener, Node.js prints the stack of the error.
 */
export function endOnBrokenOutput(command: Process): void {
  const { stdout, stderr } = command;
  stderr.on('error', () => {});
  stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') stderr.write(`The output cannot be written: ${message}.\n`);
    command.exit(1);
  });
}
