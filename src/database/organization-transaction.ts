import type { Transaction } from 'kysely';

import type { Tables } from './tables.js';

/**
 * What a unit of work may do in its transaction: build queries on {@link Tables}, and run them.
 *
 * It is no Kysely instance: no raw statement can be run through it, no schema changed, and no transaction begun or
 * ended. (`sql` fragments inside a query work; each query is one statement.)
 */
export type OrganizationTransaction = Readonly<
  Pick<Transaction<Tables>, 'selectFrom' | 'insertInto' | 'updateTable' | 'deleteFrom' | 'with'>
>;

/** Hands out what a unit of work may do, and keeps the rest. */
export function onlyQueries(transaction: Transaction<Tables>): OrganizationTransaction {
  return Object.freeze({
    selectFrom: transaction.selectFrom.bind(transaction),
    insertInto: transaction.insertInto.bind(transaction),
    updateTable: transaction.updateTable.bind(transaction),
    deleteFrom: transaction.deleteFrom.bind(transaction),
    with: transaction.with.bind(transaction),
  });
}
