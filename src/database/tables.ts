import type { Generated } from 'kysely';

/** The tables that queries may name, and what their columns hold. A migration makes each of them. */
export interface Tables {
  todos: TodosTable;
}

interface TodosTable {
  id: Generated<string>;
  /** Filled in by the database: the organisation whose transaction it is. */
  organization_id: Generated<string>;
  title: string;
  /** Subject of who added it. */
  created_by: string;
  created_at: Generated<Date>;
  /** null while it is open. */
  completed_at: Date | null;
}
