import { sql } from 'kysely';

import { ToolError } from '../tool-error.js';
import { digestOf } from '../values/digest.js';
import type { OrganizationTransaction } from './organization-transaction.js';
import type { TransactionWork } from './unit-of-work.js';

/** Time before which outcomes are old. The database dates the rows, so its clock decides, not that of this instance. */
const OLD_BEFORE = sql<Date>`now() - interval '24 hours'`;
/** Maximum number of old outcomes that one call deletes. */
const MAX_DELETED = 100;

/** Call that may be repeated. */
export interface RepeatableCall {
  /** Digest of the caller. Keys of different callers never meet. */
  readonly caller: string;
  /** Key that the client chose for the call and all its retries. */
  readonly key: string;
  /** Tool and arguments. A key stands for one of them only. */
  readonly request: unknown;
}

/**
 * Returns work that runs once for each key: a retry returns the outcome of the first run.
 *
 * The outcome is stored in the transaction of the work, so both are committed or neither is. A retry while the first run
 * is still going on waits for it, because both insert the same row.
 */
export function once<Outcome>(
  { caller, key, request }: RepeatableCall,
  work: TransactionWork<Outcome>,
): TransactionWork<Outcome> {
  const digest = digestOf([request]);
  return async (transaction) => {
    for (;;) {
      const isFirst = await transaction
        .insertInto('idempotent_calls')
        .values({ caller, key, request: digest })
        .onConflict((conflict) => conflict.doNothing())
        .returning('key')
        .executeTakeFirst();
      if (isFirst) break;
      const stored = await transaction
        .selectFrom('idempotent_calls')
        .select(['request', (row) => row.ref('outcome').$castTo<{ outcome: Outcome }>().as('outcome')])
        .where('caller', '=', caller)
        .where('key', '=', key)
        .executeTakeFirst();
      if (!stored) continue; // another call has deleted the old row meanwhile
      if (stored.request === digest) return stored.outcome.outcome;
      throw new ToolError('The idempotency key belongs to another call. Use a new key for each new call.');
    }
    const outcome = await work(transaction);
    await transaction
      .updateTable('idempotent_calls')
      // A member keeps an undefined outcome, which alone is no JSON.
      .set({ outcome: JSON.stringify({ outcome }) })
      .where('caller', '=', caller)
      .where('key', '=', key)
      .execute();
    await deleteOld(transaction);
    return outcome;
  };
}

/** Deletes outcomes that are no longer needed. Skips rows that another call deletes. */
async function deleteOld(transaction: OrganizationTransaction): Promise<void> {
  await transaction
    .deleteFrom('idempotent_calls')
    .where((row) =>
      row(
        row.refTuple('caller', 'key'),
        'in',
        row
          .selectFrom('idempotent_calls')
          .select(['caller', 'key'])
          .where('created_at', '<', OLD_BEFORE)
          .orderBy('created_at')
          .limit(MAX_DELETED)
          .forUpdate()
          .skipLocked()
          .$asTuple('caller', 'key'),
      ),
    )
    .execute();
}
