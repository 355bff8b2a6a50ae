/** Exit codes of the signals that end a benchmark. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

const cleanups = new Set<() => void>();

/** Ends the process at a signal, with its cleanups. Otherwise, servers would go on. */
export function exitAtSignals(): void {
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code));
}

/**
 * Runs a cleanup when this process exits.
 *
 * @returns function that cancels it
 */
export function atExit(cleanup: () => void): () => void {
  if (cleanups.size === 0) process.once('exit', cleanUp);
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) process.off('exit', cleanUp);
  };
}

/** Runs the cleanups, the last one first, since a server may use one that was started before. */
function cleanUp(): void {
  for (const cleanup of [...cleanups].toReversed()) {
    try {
      cleanup();
    } catch (error) {
      process.stderr.write(`${String(error)}\n`); // the others must still run
    }
  }
}
