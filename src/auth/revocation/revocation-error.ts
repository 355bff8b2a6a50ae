/**
 * Reason why a revocation has failed. `invalid`: a parameter is wrong. `unknown`: nothing to undo. `full`: the list is
 * full. `refused`: the storage accepts no changes, and no instance keeps the revocation. `unavailable`: the storage
 * cannot be reached, is busy, or contains no list.
 */
export type RevocationErrorCode = 'invalid' | 'unknown' | 'full' | 'refused' | 'unavailable';

/** Thrown when a revocation, or its undoing, has changed nothing. */
export class RevocationError extends Error {
  constructor(
    readonly code: RevocationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'RevocationError';
  }
}
