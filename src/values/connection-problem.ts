/** Describes an error of a connection. Messages of the drivers never contain the password. */
export function connectionProblem(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const message = 'message' in error ? String(error.message) : '';
  // Node.js leaves the message empty if the host name has several addresses.
  return message === '' && 'code' in error ? String(error.code) : message;
}
