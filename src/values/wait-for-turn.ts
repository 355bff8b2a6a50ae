import type { IncomingMessage } from 'node:http';

const SINCE = Symbol('since');

/** Request that may have waited for its turn. */
interface Waiting {
  [SINCE]?: number;
}

/** Notes that a request waits for its turn from now on. */
export function noteWait(request: IncomingMessage & Waiting): void {
  request[SINCE] = performance.now();
}

/** Returns how long a request that begins now has waited for its turn, milliseconds. */
export function waitedFor(request: IncomingMessage & Waiting): number {
  const since = request[SINCE];
  return since === undefined ? 0 : performance.now() - since;
}
