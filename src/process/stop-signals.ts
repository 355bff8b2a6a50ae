const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const exit = (): never => process.exit(0);

/**
 * Ends the process on SIGTERM or SIGINT until {@link onStop} is called. Without a handler, the kernel drops both signals
 * for process 1 of a container, which would then start and serve.
 */
export function exitOnStop(): void {
  for (const signal of SIGNALS) process.on(signal, exit);
}

/** Handles SIGTERM and SIGINT from now on. */
export function onStop(handle: (signal: NodeJS.Signals) => void): void {
  for (const signal of SIGNALS) {
    process.on(signal, handle);
    process.off(signal, exit);
  }
}
