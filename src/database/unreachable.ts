/** Thrown when the database cannot be reached or has not passed its checks yet. The cause is for the log. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';

  constructor(cause: unknown) {
    super('The database cannot be reached.', { cause });
  }
}

/** SQLSTATEs of a server that refuses all connections: stopping, starting, full, connection failure. */
const AWAY = /^(57P0[123]|53300|08...)$/;

/** Returns the SQLSTATE of an error that the server sent; undefined for others. Only server errors have a severity. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('severity' in error) || !('code' in error)) {
    return undefined;
  }
  return String(error.code);
}

/** Whether a server answered that it refuses all connections. */
export function saysAway(error: unknown): boolean {
  return AWAY.test(sqlStateOf(error) ?? '');
}

/** Whether connecting or a read-only check failed because the server cannot be reached. */
export function isUnreachable(error: unknown): boolean {
  return sqlStateOf(error) === undefined || saysAway(error);
}
