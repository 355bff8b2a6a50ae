import { SCOPE_TOKEN } from '../../oauth/scope-token.js';
import { UsageError } from './usage-error.js';

/**
 * Checks an option with scopes, separated by spaces.
 *
 * @throws {UsageError} when it is empty, or one is invalid (RFC 6749 §3.3)
 */
export function requireScopes(option: string, text: string): void {
  if (
    !text
      .trim()
      .split(/ +/)
      .every((name) => SCOPE_TOKEN.test(name))
  )
    throw new UsageError(`--${option} "${text}" is not a list of scopes.`);
}
