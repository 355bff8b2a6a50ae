import { constants, getPriority, setPriority } from 'node:os';

/**
 * Lets this process never sleep while work is done, so that no server pays for waking its client.
 *
 * On a virtual machine, that took the server 40 to 80 µs of CPU time for each response. A client sleeps after each
 * response of a slow server, but hardly ever while a fast one keeps it busy, so that servers were not measured alike. A
 * client on another machine is never woken by the server.
 *
 * Meanwhile, this process has the lowest priority: Redis and PostgreSQL share its core, and would wait for it. Without
 * the privilege to raise the priority again, it keeps the usual one, because servers that it starts later would inherit
 * the lowest.
 */
export async function awakeDuring<Result>(work: PromiseLike<Result>): Promise<Result> {
  if (works++ === 0) lowerPriority();
  let isDone = false;
  const spin = (): void => {
    if (!isDone) setImmediate(spin);
  };
  spin();
  try {
    return await work;
  } finally {
    isDone = true;
    // At once, because a server that is started next inherits the priority.
    if (--works === 0) raisePriority();
  }
}

/** Number of works in progress. */
let works = 0;
const usualPriority = getPriority();
const canRaise = canRaisePriority();

function lowerPriority(): void {
  if (canRaise) setPriority(constants.priority.PRIORITY_LOW);
}

function raisePriority(): void {
  if (canRaise) setPriority(usualPriority);
}

/** Tries with a higher priority, because a lower one would last. */
function canRaisePriority(): boolean {
  try {
    setPriority(usualPriority - 1);
    setPriority(usualPriority);
    return true;
  } catch {
    return false; // only a privileged process may
  }
}
