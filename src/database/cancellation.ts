import { setTimeout as pause } from 'node:timers/promises';

import type { Pool } from 'pg';

import type { Lease } from './lease.js';

const MAX_ATTEMPTS = 10;
const RETRY_DELAY_MS = 100;

/**
 * Cancels the statement that runs on a connection. Retries, because the server ignores a cancellation that arrives
 * before the statement. Closes the connection if all attempts fail.
 *
 * @param control connections for the cancel requests
 * @param ended fires when nothing is left to cancel
 */
export async function cancel(lease: Lease, control: Pool, ended: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      if (lease.processId !== 0) await control.query('select pg_cancel_backend($1)', [lease.processId]);
    } catch {
      break; // the server is unreachable: the statement ends by its own timeout
    }
    await pause(RETRY_DELAY_MS, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
  }
  lease.destroy();
}
