import type { Kysely, KyselyPlugin } from 'kysely';

import { onlyQueries, type OrganizationTransaction } from './organization-transaction.js';
import type { Tables } from './tables.js';
import type { TenantKey } from './tenant-key.js';
import { unlessAborted } from './unless-aborted.js';

/** The call that a unit of work belongs to; a tool passes its `CallContext`. */
export interface Call {
  /** Ends the work: the running statement is cancelled, later ones are refused, nothing is committed. */
  readonly signal: AbortSignal;
  /** When the call's time is over, as `performance.now()` tells time, milliseconds. */
  readonly deadline: number;
}

/** What is done in one transaction. */
export type Work<Outcome> = (transaction: OrganizationTransaction) => Promise<Outcome>;

/** The organization that a transaction is for, and how the database comes to believe it. */
export interface Tenant {
  readonly organizationId: string;
  readonly key: TenantKey;
}

/** The server ends a statement by itself only where nobody was left to cancel it in time, milliseconds. */
const GRACE = 1_000;

/**
 * Runs work in a transaction of its own that sees the rows of one organisation.
 *
 * Every setting is made anew for each transaction and ends with it; values are bound, never part of the SQL text.
 * Work that goes on after the signal is not waited for: the transaction ends without it.
 *
 * @throws the signal's reason once that has fired; otherwise what the work or the database throws. Either way nothing
 *   is committed.
 */
export async function unitOfWork<Outcome>(
  database: Kysely<Tables>,
  { signal, deadline }: Call,
  { organizationId, key }: Tenant,
  work: Work<Outcome>,
): Promise<Outcome> {
  const ended = new AbortController();
  return database
    .withPlugin(refusingOnce(signal, ended.signal))
    .transaction()
    .execute(async (transaction) => {
      const timeLeft = Math.max(0, Math.ceil(deadline - performance.now())) + GRACE;
      await key.enter(transaction, organizationId, timeLeft);
      signal.throwIfAborted();
      try {
        return await unlessAborted(work(onlyQueries(transaction)), signal);
      } finally {
        // What was not awaited would come after the commit, outside of the transaction and all that it has set.
        ended.abort(new Error('This unit of work has ended; a query of it was not awaited.'));
      }
    });
}

/** Lets no statement begin after one of the signals has fired. */
function refusingOnce(...signals: readonly AbortSignal[]): KyselyPlugin {
  return {
    transformQuery: ({ node }) => {
      for (const signal of signals) signal.throwIfAborted();
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
}
