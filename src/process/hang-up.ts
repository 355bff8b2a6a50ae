let isPending = false;

const remember = (): void => {
  isPending = true;
};

const endProcess = (): void => void process.kill(process.pid, 'SIGHUP');

/** Keeps SIGHUP from ending the process while it starts. Call it first, and {@link onHangUp} as soon as possible. */
export function holdHangUp(): void {
  if (!process.listeners('SIGHUP').includes(remember)) process.on('SIGHUP', remember);
}

/**
 * Handles SIGHUP from now on, and one that {@link holdHangUp} has held.
 *
 * @param handle undefined to end the process, as without a handler
 */
export function onHangUp(handle: (() => void) | undefined): void {
  if (handle) process.on('SIGHUP', handle);
  process.off('SIGHUP', remember);
  const wasPending = isPending;
  isPending = false;
  if (wasPending) (handle ?? endProcess)();
}
