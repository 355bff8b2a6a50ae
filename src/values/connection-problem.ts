import { systemErrorCode } from './system-error-code.js';

/** Message of ioredis for a command while there is no connection. The rest of it names an option. */
const NOT_CONNECTED = "Stream isn't writeable";

/** Code of OpenSSL when it expects TLS and gets something else; which one depends on its version. */
const NOT_TLS = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/;

/** Whether a TLS connection failed because the other side answers without TLS, for example a plain HTTP server. */
export const isNotTls = (code: string): boolean => NOT_TLS.test(code);

/** Codes of OpenSSL if no known authority signed a certificate. */
const UNKNOWN_AUTHORITY = /SELF_SIGNED|^UNABLE_TO_(VERIFY|GET_ISSUER)/;

/** Returns what to do if an authority that Node.js does not know signed the certificate of the other side. */
export const authorityRemedies = (code: string): string[] =>
  UNKNOWN_AUTHORITY.test(code)
    ? [
        'If the certificate is of a private authority, set NODE_EXTRA_CA_CERTS to the file of its root certificate.',
      ]
    : [];

/** Describes an error of a connection. Messages of the drivers never contain the password. */
export function connectionProblem(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  // The message of OpenSSL is a line of its log.
  if (isNotTls(systemErrorCode(error))) return 'the other side does not use TLS';
  const message = 'message' in error ? String(error.message) : '';
  if (message.startsWith(NOT_CONNECTED)) return 'not connected';
  // Node.js repeats the name, which may contain a key if it was written with ":" in place of "=".
  if ('code' in error && error.code === 'ERR_INVALID_HTTP_TOKEN') return 'the name of a header is invalid';
  // Node.js leaves the message empty if the host name has several addresses.
  return message === '' && 'code' in error ? String(error.code) : message;
}

const MAX_CAUSES = 5;

/** Describes the innermost cause of an error, because the message of `fetch` says only that it failed. */
export function problemOfCause(error: unknown): string {
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    if (typeof cause !== 'object' || cause === null || !('cause' in cause) || !cause.cause) break;
    cause = cause.cause;
  }
  return connectionProblem(cause);
}
