/** The database cannot be reached: not now, or not yet. Its cause is for the log. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';

  constructor(cause: unknown) {
    super('The database cannot be reached.', { cause });
  }
}

/** SQLSTATEs of a server that answers but takes nobody: stopping, starting, full, connection failure. */
const AWAY = /^(57P0[123]|53300|08...)$/;

/** The SQLSTATE of a server's answer; undefined where the error is none. Only those have a severity. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('severity' in error) || !('code' in error)) {
    return undefined;
  }
  return String(error.code);
}

/** Whether a server answered that it is not there for anybody. */
export function saysAway(error: unknown): boolean {
  return AWAY.test(sqlStateOf(error) ?? '');
}

/** Whether somebody who only connects and looks failed because the server was not there. */
export function isUnreachable(error: unknown): boolean {
  return sqlStateOf(error) === undefined || saysAway(error);
}

/** What went wrong, in words for the log; drivers put no password into them. */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if (error instanceof DatabaseUnreachableError) return reasonOf(error.cause);
  const message = 'message' in error ? String(error.message) : '';
  // Node.js gives no message where a name has several addresses.
  return message === '' && 'code' in error ? String(error.code) : message;
}
