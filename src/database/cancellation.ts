import { setTimeout as pause } from 'node:timers/promises';

import type { Pool } from 'pg';

import type { Lease } from './lease.js';

/** How often it is asked for, and how long is waited for it each time, milliseconds. */
const ATTEMPTS = { most: 10, interval: 100 };

/**
 * Ends whatever runs on a connection: asks the server to cancel it, and asks again, because a server ignores what
 * comes before the statement does. Where that does not help either, the connection is broken.
 *
 * @param control where the server is asked
 * @param ended fires when nothing is left to be cancelled
 */
export async function cancel(lease: Lease, control: Pool, ended: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS.most; attempt++) {
    try {
      await control.query('select pg_cancel_backend($1)', [lease.processId]);
    } catch {
      break; // the server cannot be asked; there, the statement ends by its own timeout
    }
    await pause(ATTEMPTS.interval, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
  }
  lease.destroy();
}
