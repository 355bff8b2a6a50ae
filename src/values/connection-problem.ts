/** Message of ioredis for a command while there is no connection. The rest of it names an option. */
const NOT_CONNECTED = "Stream isn't writeable";

/** Describes an error of a connection. Messages of the drivers never contain the password. */
export function connectionProblem(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const message = 'message' in error ? String(error.message) : '';
  if (message.startsWith(NOT_CONNECTED)) return 'not connected';
  // Node.js repeats the name, which may contain a key if it was written with ":" in place of "=".
  if ('code' in error && error.code === 'ERR_INVALID_HTTP_TOKEN') return 'the name of a header is invalid';
  // Node.js leaves the message empty if the host name has several addresses.
  return message === '' && 'code' in error ? String(error.code) : message;
}
