import type { Transaction } from 'kysely';

import type { Tables } from './tables.js';

/**
 * Query builder for {@link Tables} inside the transaction of a unit of work.
 *
 * Unlike a Kysely instance, it cannot run raw statements, change the schema, or begin and end transactions. `sql`
 * fragments inside a query work. Each query is one statement.
 */
export type OrganizationTransaction = Readonly<
  Pick<Transaction<Tables>, 'selectFrom' | 'insertInto' | 'updateTable' | 'deleteFrom' | 'with'>
>;

/** Restricts a transaction to queries. */
export function onlyQueries(transaction: Transaction<Tables>): OrganizationTransaction {
  return Object.freeze({
    selectFrom: transaction.selectFrom.bind(transaction),
    insertInto: transaction.insertInto.bind(transaction),
    updateTable: transaction.updateTable.bind(transaction),
    deleteFrom: transaction.deleteFrom.bind(transaction),
    with: transaction.with.bind(transaction),
  });
}
