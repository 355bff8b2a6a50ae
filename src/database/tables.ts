import type { Generated, JSONColumnType } from 'kysely';

/** Tables for queries, with the types of their columns. Migrations create the tables. */
export interface Tables {
  todos: TodosTable;
  /** Outcomes of calls with an idempotency key. Use `OrganizationDatabase.once`. */
  idempotent_calls: IdempotentCallsTable;
}

interface TodosTable {
  id: Generated<string>;
  /** Organization of the transaction, filled in by the database. */
  organization_id: Generated<string>;
  title: string;
  /** Subject of the caller that added the todo. */
  created_by: string;
  created_at: Generated<Date>;
  /** null while the todo is open. */
  completed_at: Date | null;
}

interface IdempotentCallsTable {
  organization_id: Generated<string>;
  caller: string;
  key: string;
  /** Digest of the tool and its arguments. */
  request: string;
  /** null until the call has ended. */
  outcome: JSONColumnType<{ outcome?: unknown } | null, string | undefined>;
  created_at: Generated<Date>;
}
