import { setTimeout as pause } from 'node:timers/promises';

import type { Pool } from 'pg';

import type { Lease } from './lease.js';

const MAX_ATTEMPTS = 10;
const RETRY_DELAY_MS = 100;

/** Cancels one transaction only, if its begin is known. Behind a pooler, its process may run another one by now. */
const CANCEL = `select pg_cancel_backend(pid) from pg_stat_activity
  where pid = $1 and xact_start = coalesce($2::timestamptz, xact_start)`;

/**
 * Cancels the statement that runs on a connection. Retries, because the server ignores a cancellation that arrives
 * before the statement. Closes the connection if all attempts fail.
 *
 * @param control connections for the cancel requests
 * @param ended fires when nothing is left to cancel
 */
export async function cancel(
  lease: Pick<Lease, 'running' | 'destroy'>,
  control: Pool,
  ended: AbortSignal,
): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      const { running } = lease;
      if (running) await control.query(CANCEL, [running.processId, running.beganAt]);
    } catch {
      break; // the server is unreachable: the statement ends by its own timeout
    }
    await pause(RETRY_DELAY_MS, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
  }
  lease.destroy();
}
