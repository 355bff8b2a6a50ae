import type { Kysely, KyselyPlugin } from 'kysely';

import { onlyQueries, type OrganizationTransaction } from './organization-transaction.js';
import type { Tables } from './tables.js';
import type { Entered, TenantKey } from './tenant-key.js';
import { unlessAborted } from './unless-aborted.js';

/** Call that a unit of work belongs to. A tool passes its `CallContext`. */
export interface OwningCall {
  /** Ends the work: cancels the running statement, refuses later ones, and rolls back. */
  readonly signal: AbortSignal;
  /** Deadline of the call on the clock of `performance.now()`, milliseconds. */
  readonly deadline: number;
  /** Key that the client sends with the call and its retries. */
  readonly idempotencyKey?: string | undefined;
}

/** Function that runs in one transaction. */
export type TransactionWork<Outcome> = (transaction: OrganizationTransaction) => Promise<Outcome>;

/** Organization of a transaction, and the key to sign it. */
export interface TransactionTenant {
  readonly organizationId: string;
  readonly key: TenantKey;
  /** Whether the transaction can only read. Default false. */
  readonly isReading?: boolean;
  /** Called once the transaction has begun. */
  readonly onBegin?: (entered: Entered | undefined) => void;
}

/** Time past the deadline after which the server ends a statement, in case the process could not cancel it. */
const GRACE_MS = 1_000;

/**
 * Runs work in a new transaction that sees the rows of one organization.
 *
 * Settings apply to this transaction only. Values are bound, never part of the SQL text. When the signal fires, the
 * transaction ends without waiting for the work.
 *
 * @throws the reason of the signal once it has fired; otherwise the error of the work or the database. Either way the
 *   transaction is rolled back.
 */
export async function unitOfWork<Outcome>(
  database: Kysely<Tables>,
  { signal, deadline }: OwningCall,
  { organizationId, key, isReading = false, onBegin }: TransactionTenant,
  work: TransactionWork<Outcome>,
): Promise<Outcome> {
  let hasEnded = false;
  const refuse = (): void => {
    signal.throwIfAborted();
    if (hasEnded) throw new Error('This unit of work has ended. Await every query in it.');
  };
  return database
    .withPlugin(beforeEach(refuse))
    .transaction()
    .execute(async (transaction) => {
      const entered = await key.enter(transaction, organizationId, timeoutOf(deadline), isReading);
      onBegin?.(entered);
      signal.throwIfAborted();
      try {
        return await unlessAborted(work(onlyQueries(transaction)), signal);
      } finally {
        // A query that was not awaited would run after the commit, outside the transaction and without its settings.
        hasEnded = true;
      }
    });
}

/** Timeout of the statements of a call on the server, milliseconds. */
export function timeoutOf(deadline: number): number {
  return Math.max(0, Math.ceil(deadline - performance.now())) + GRACE_MS;
}

/** Returns a plugin that calls a function before each statement. */
function beforeEach(check: () => void): KyselyPlugin {
  return {
    transformQuery: ({ node }) => {
      check();
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
}
