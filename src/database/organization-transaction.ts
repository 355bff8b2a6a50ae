import { sql, type Transaction } from 'kysely';

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

/** Whether the transaction has stored anything: PostgreSQL numbers a transaction with its first change. */
const HAS_CHANGED = sql<{
  changed: boolean;
}>`(select pg_catalog.pg_current_xact_id_if_assigned() is not null as changed)`;

/** Returns work that asks at its end whether it has changed anything, which takes one more round trip. */
export function notingChanges<Outcome>(
  work: (transaction: OrganizationTransaction) => Promise<Outcome>,
  onChange: () => void,
): (transaction: OrganizationTransaction) => Promise<Outcome> {
  return async (transaction) => {
    const outcome = await work(transaction);
    const state = transaction.selectFrom(HAS_CHANGED.as('state')).select('changed');
    if ((await state.executeTakeFirstOrThrow()).changed) onChange();
    return outcome;
  };
}

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
