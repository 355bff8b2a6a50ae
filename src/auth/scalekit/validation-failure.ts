import { InvalidTokenError } from '../auth-errors.js';
import { claimFault } from '../jose-faults.js';

/**
 * Converts an SDK error into an InvalidTokenError with a fixed text that repeats nothing from the token. The SDK passes
 * on only the message of jose's error.
 */
export function toInvalidToken({ message }: { readonly message: string }): InvalidTokenError {
  const fault = claimFault(message);
  if (fault) return new InvalidTokenError(fault);
  if (message.startsWith('signature verification failed')) return new InvalidTokenError('bad_signature');
  return /^(no applicable key|multiple matching keys)/.test(message)
    ? new InvalidTokenError('unknown_key', 'The access token does not name a key of its issuer.')
    : new InvalidTokenError('malformed', 'The access token is not valid.');
}
