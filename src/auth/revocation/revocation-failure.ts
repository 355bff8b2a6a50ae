import { UnreadableRevocationsError } from './revocation-document.js';
import { FullRevocationListError, StorageRefusesError } from './revocation-storage.js';

/**
 * Kind of a failed load: the storage does not answer, contains no list, does not accept revocations that it has lost, or
 * has no room for them.
 */
export type RevocationFailure = 'away' | 'unreadable' | 'refusing' | 'full';

/** Returns the kind of failure that an error of the storage means. */
export function revocationFailureOf(error: unknown): RevocationFailure {
  if (error instanceof UnreadableRevocationsError) return 'unreadable';
  if (error instanceof StorageRefusesError) return 'refusing';
  return error instanceof FullRevocationListError ? 'full' : 'away';
}
