import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  type Expression,
  expressionBuilder,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';

import type { OrganizationTransaction } from './organization-transaction.js';
import type { Tables } from './tables.js';
import { troubleOf } from './unavailable.js';

/** Returns a value of a query as an expression. */
export type Param<Values> = <Name extends keyof Values>(name: Name) => Expression<Values[Name]>;

/** Builds a query that only reads. */
export type ReadQuery<Row, Values extends object = object> = (
  tables: Pick<OrganizationTransaction, 'selectFrom'>,
  param: Param<Values>,
) => SelectQuery<Row>;

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
const expressions = expressionBuilder<Tables>();

/** Stands for a value in a query that is compiled once. */
class Placeholder {
  constructor(readonly name: PropertyKey) {}
}

/** Queries that were compiled with placeholders. */
const templates = new WeakMap<object, CompiledQuery>();

/**
 * Returns the error of a query that tried to change something. As an error of the server, it would count as one that
 * accepts no changes.
 */
export const readingError = (error: unknown): unknown =>
  troubleOf(error) === 'read_only'
    ? new Error('A query of read() cannot change anything. Use transaction().', { cause: error })
    : error;

/** Compiles a query without running it. With values, compiles it only the first time. */
export function compiled<Row, Values extends object>(
  build: ReadQuery<Row, Values>,
  values?: Values,
): CompiledQuery<Row> {
  if (!values) return build(builder, refuse).compile();
  let template = templates.get(build);
  if (!template) {
    const param: Param<Values> = (name) => expressions.val(new Placeholder(name)).$castTo();
    templates.set(build, (template = build(builder, param).compile()));
  }
  const parameters = template.parameters.map((parameter): unknown =>
    parameter instanceof Placeholder ? Reflect.get(values, parameter.name) : parameter,
  );
  return { ...template, parameters };
}

/** Returns a function that binds each value as the parameter of a query that is built for one call only. */
export const paramOf =
  <Values extends object>(values: Values | undefined): Param<Values> =>
  (name) =>
    values ? expressions.val(values[name]).$castTo() : refuse();

function refuse(): never {
  throw new Error('The query has parameters, but read() got no values.');
}
