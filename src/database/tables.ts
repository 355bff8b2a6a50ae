import type { Generated } from 'kysely';

/** Tables for queries, with the types of their columns. Migrations create the tables. */
export interface Tables {
  todos: TodosTable;
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
