/** Reason why the database cannot be used, or accepts no changes. */
export type DatabaseTrouble = 'unreachable' | 'connections' | 'disk_full' | 'read_only';

/** All troubles. The log and the metrics name each of them. */
export const TROUBLES: readonly DatabaseTrouble[] = ['unreachable', 'connections', 'disk_full', 'read_only'];

/** SQLSTATEs by trouble. The connections of a server that stops, starts or fails belong to `unreachable`. */
const SQLSTATES: readonly (readonly [RegExp, DatabaseTrouble])[] = [
  [/^(57P0[123]|08...)$/, 'unreachable'],
  [/^53300$/, 'connections'],
  [/^53100$/, 'disk_full'],
  // Standby after a failover, or a hosted database that its provider protects from a full disk.
  [/^25006$/, 'read_only'],
];

/** Errors for which PgBouncer sends 08P01, as it also does while it cannot reach PostgreSQL, with their SQLSTATEs. */
const ERRORS_OF_PGBOUNCER: readonly (readonly [RegExp, string])[] = [
  [/authentication failed/, '28P01'],
  [/^(no such database: |database ".*" does not exist$)/, '3D000'],
  [/^(unsupported startup parameter|transaction blocks not allowed)/, '0A000'],
  [/^no more connections allowed/, '53300'],
];

/** Message of pg when all connections of its pool stay in use for too long. */
const POOL_TIMEOUT = 'timeout exceeded when trying to connect';

/** Thrown when the database cannot be used, or has not passed its checks yet. The cause is for the log. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly trouble: DatabaseTrouble;

  constructor(cause: unknown) {
    super('The database cannot be used.', { cause });
    this.trouble = isPoolTimeout(cause) ? 'connections' : (troubleOf(cause) ?? 'unreachable');
  }

  /** Whether this process uses all connections of its own pool. The server may be well. */
  get isOfPool(): boolean {
    return isPoolTimeout(this.cause);
  }
}

/** Thrown when the connection was lost while a transaction was committed. Its changes may be stored or not. */
export class OutcomeUnknownError extends DatabaseUnavailableError {}

/** Returns an error as one that says that the database cannot be used. */
export const asUnavailable = (error: unknown): DatabaseUnavailableError =>
  error instanceof DatabaseUnavailableError ? error : new DatabaseUnavailableError(error);

const isPoolTimeout = (cause: unknown): boolean => cause instanceof Error && cause.message === POOL_TIMEOUT;

/** Returns the SQLSTATE of an error that the server sent; undefined for others. Only server errors have a severity. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('severity' in error) || !('code' in error)) {
    return undefined;
  }
  const { code, message } = error as { code: unknown; message?: unknown };
  const state = String(code);
  if (state !== '08P01') return state;
  return ERRORS_OF_PGBOUNCER.find(([pattern]) => pattern.test(String(message)))?.[1] ?? state;
}

/** Returns the trouble that an error of the server tells of; undefined for an error of a statement. */
export function troubleOf(error: unknown): DatabaseTrouble | undefined {
  const state = sqlStateOf(error);
  return state === undefined ? undefined : SQLSTATES.find(([pattern]) => pattern.test(state))?.[1];
}

/** Whether connecting or a read-only check failed because the server refuses all connections, or cannot be reached. */
export function isUnreachable(error: unknown): boolean {
  return sqlStateOf(error) === undefined || troubleOf(error) !== undefined;
}

/** SQLSTATEs of a refused login: a wrong password, or an unknown role. */
const REFUSED_LOGIN = /^28(P01|000)$/;

/** Whether the server refused the login of a new connection, so that nothing has run. */
export function isRefusedLogin(error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailableError) || error instanceof OutcomeUnknownError) return false;
  return REFUSED_LOGIN.test(sqlStateOf(error.cause) ?? '');
}
