import type { LogEvent } from 'kysely';

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
  if (!followsSteps()) return;
  stepEnded({
    name: OPERATIONS[query.query.kind] ?? 'query',
    durationMs: queryDurationMillis,
    isFailed: level === 'error',
    system: 'postgresql',
  });
}
