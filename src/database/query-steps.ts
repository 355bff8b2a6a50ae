import type { LogEvent, RootOperationNode } from 'kysely';

import { followsSteps, stepEnded } from '../logging/steps.js';
import { sqlStateOf } from './unavailable.js';

/** Operations by the kind of a query's root node. */
const OPERATIONS: Readonly<Record<string, string>> = {
  SelectQueryNode: 'SELECT',
  InsertQueryNode: 'INSERT',
  UpdateQueryNode: 'UPDATE',
  DeleteQueryNode: 'DELETE',
};

/** Tells of each query as a step of its request. Neither SQL nor parameters are told. */
export function logQuery(event: LogEvent): void {
  const { query, queryDurationMillis } = event;
  queryEnded(query.query, queryDurationMillis, event.level === 'error' ? event.error : undefined);
}

/**
 * Tells of a query like {@link logQuery}.
 *
 * @param failure error of the query; undefined if it succeeded
 */
export function queryEnded({ kind }: RootOperationNode, durationMs: number, failure: unknown): void {
  if (!followsSteps()) return;
  const isFailed = failure !== undefined;
  const code = sqlStateOf(failure);
  stepEnded({ name: OPERATIONS[kind] ?? 'query', durationMs, isFailed, code, system: 'postgresql' });
}
