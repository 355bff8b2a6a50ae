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

const CHANGES: ReadonlySet<string> = new Set(['insertInto', 'updateTable', 'deleteFrom']);

/** Returns work that reports when it begins to change rows. */
export function notingChanges<Outcome>(
  work: (transaction: OrganizationTransaction) => Promise<Outcome>,
  onChange: () => void,
): (transaction: OrganizationTransaction) => Promise<Outcome> {
  return (transaction) =>
    work(
      new Proxy(transaction, {
        get: (target, name: keyof OrganizationTransaction) => {
          if (CHANGES.has(name)) onChange();
          return target[name];
        },
      }),
    );
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
