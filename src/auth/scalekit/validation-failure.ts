import { InvalidTokenError } from '../auth-errors.js';
import type { TokenFault } from '../token-faults.js';

/** Fault by the text of the SDK's message. The SDK passes on only the message of jose's error. */
const FAULTS: readonly (readonly [pattern: RegExp, fault: TokenFault])[] = [
  [/"exp" claim timestamp/, 'expired'],
  [/"exp" claim must/, 'no_expiry'],
  [/"nbf" claim timestamp/, 'not_yet_valid'],
  [/"nbf" claim must/, 'invalid_claim'],
  [/"iat" claim/, 'no_issue_time'],
  [/"aud" claim/, 'wrong_audience'],
  [/"iss" claim/, 'wrong_issuer'],
  [/signature verification failed/, 'bad_signature'],
];

/** Converts an SDK error into an InvalidTokenError with a fixed text that repeats nothing from the token. */
export function toInvalidToken({ message }: { readonly message: string }): InvalidTokenError {
  const fault = FAULTS.find(([pattern]) => pattern.test(message))?.[1];
  if (fault) return new InvalidTokenError(fault);
  return /no applicable key|multiple matching keys/.test(message)
    ? new InvalidTokenError('unknown_key', 'The access token does not name a key of its issuer.')
    : new InvalidTokenError('malformed', 'The access token is not valid.');
}
