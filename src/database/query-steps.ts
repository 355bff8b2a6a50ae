import type { LogEvent, RootOperationNode } from 'kysely';

import { followsSteps, stepEnded } from '../logging/steps.js';

/** Operations by the kind of a query's root node. */
const OPERATIONS: Readonly<Record<string, string>> = {
  SelectQueryNode: 'SELECT',
  InsertQueryNode: 'INSERT',
  UpdateQueryNode: 'UPDATE',
  DeleteQueryNode: 'DELETE',
};

/** Tells of each query as a step of its request. Neither SQL nor parameters are told. */
export function logQuery({ level, query, queryDurationMillis }: LogEvent): void {
  queryEnded(query.query, queryDurationMillis, level === 'error');
}

/** Tells of a query like {@link logQuery}. */
export function queryEnded({ kind }: RootOperationNode, durationMs: number, isFailed: boolean): void {
  if (!followsSteps()) return;
  stepEnded({ name: OPERATIONS[kind] ?? 'query', durationMs, isFailed, system: 'postgresql' });
}
