import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';

import type { OrganizationTransaction } from './organization-transaction.js';
import type { Tables } from './tables.js';

/** Builds a query that only reads. */
export type ReadQuery<Row> = (tables: Pick<OrganizationTransaction, 'selectFrom'>) => SelectQuery<Row>;

/** Query that has not run. */
export interface SelectQuery<Row> extends Compilable<Row> {
  execute(): Promise<Row[]>;
}

/** Builds queries without a connection. */
const builder = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Compiles a query without running it. */
export const compiled = <Row>(build: ReadQuery<Row>): CompiledQuery<Row> => build(builder).compile();
